// SPDX-License-Identifier: Apache-2.0
// Lanes that repeat samples, some of them bounds: one likelihood with a level of the sample and one
// of the lane, of which a bound says only on which side of it the lane lies.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/information.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr int grid_points = 61;     ///< Of the integral over a sample's own level: to six digits.
constexpr double grid_reach = 7.0;  ///< Standard deviations either way.
constexpr int most_rounds = 200;
constexpr double settled = 1e-7;
constexpr double least_variance = 1e-8;

struct Sample {
  std::size_t group = 0;
  std::vector<const LogRatio*> lanes;
};

/// What is expected of a sample's lanes, given what was seen of them.
struct Moments {
  std::vector<double> lane;  ///< Of each lane: its value less treatment, membrane and sample.
  double mean_square = 0.0;  ///< Of the sample's mean about treatment and membranes.
  double within = 0.0;       ///< Sum of squares of its lanes about that mean.
};

class Model {
 public:
  Model(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes)
      : groups_(groups), membranes_(membranes) {
    std::map<std::size_t, Sample> by;
    for (const LogRatio& d : data) {
      by[d.sample].group = d.group;
      by[d.sample].lanes.push_back(&d);
    }
    for (auto& [name, sample] : by) samples_.push_back(std::move(sample));
    for (const Sample& s : samples_) lanes_ += s.lanes.size();
  }

  [[nodiscard]] std::size_t size() const { return groups_ + membranes_ - 1; }
  [[nodiscard]] double lane_sd() const { return std::sqrt(lane_variance_); }

  /// Samples with a lane that is more than a bound say how samples scatter.
  [[nodiscard]] double df() const {
    const auto n = std::ranges::count_if(samples_, [](const Sample& s) {
      return std::ranges::any_of(s.lanes,
                                 [](const LogRatio* d) { return d->relation == Relation::equal; });
    });
    return double(n) - double(groups_);
  }
  [[nodiscard]] double df_within() const {
    return double(lanes_) - double(samples_.size()) - double(membranes_ - 1);
  }

  /// Minus the derivatives of the log-likelihood by treatments and membranes (Fisher's identity:
  /// the expected derivatives of the full data's).
  void gradient(std::span<const double> p, std::span<double> out) const {
    std::ranges::fill(out, 0.0);
    for (const Sample& s : samples_) {
      const Moments m = expect(s, p);
      for (std::size_t i = 0; i < s.lanes.size(); ++i) {
        const double g = m.lane[i] / lane_variance_;
        out[s.group] -= g;
        if (s.lanes[i]->membrane > 0) out[groups_ + s.lanes[i]->membrane - 1] -= g;
      }
    }
  }

  /// Variances from the expected sums of squares, each over its degrees of freedom, as they would
  /// be from lanes without bounds. Returns by how much they moved, relatively.
  double update_variances(std::span<const double> p) {
    double between = 0.0, within = 0.0, share = 0.0;
    for (const Sample& s : samples_) {
      const Moments m = expect(s, p);
      between += m.mean_square, within += m.within;
      share += 1.0 / double(s.lanes.size()) / double(samples_.size());
    }
    const double lane = std::max(within / df_within(), least_variance);
    const double of_means = between / (double(samples_.size()) - double(groups_));
    const double sample = std::max(of_means - lane * share, 0.0);
    const double moved = std::abs(lane - lane_variance_) + std::abs(sample - sample_variance_);
    lane_variance_ = lane, sample_variance_ = sample;
    return moved / (lane + sample);
  }

 private:
  [[nodiscard]] double mean_of(const Sample& s, std::size_t i, std::span<const double> p) const {
    const std::size_t m = s.lanes[i]->membrane;
    return p[s.group] + (m > 0 ? p[groups_ + m - 1] : 0.0);
  }

  /// One lane at a given level of its sample: expected error, its variance, log probability.
  struct At {
    double error, variance, log_p;
  };
  [[nodiscard]] At lane_at(const LogRatio& d, double mean) const {
    const double sd = lane_sd();
    if (d.relation == Relation::equal) {
      const double e = d.value - mean;
      return {e, 0.0, -0.5 * e * e / lane_variance_};
    }
    const int sign = d.relation == Relation::less ? -1 : 1;
    const Tail t = tail_of(mean, sd, d.value, sign);
    const double p = numeric::normal_cdf(-sign * (d.value - mean) / sd);
    return {t.mean - mean, t.variance, std::log(std::max(p, 1e-300))};
  }

  [[nodiscard]] Moments expect(const Sample& s, std::span<const double> p) const {
    const std::size_t n = s.lanes.size();
    Moments out;
    out.lane.assign(n, 0.0);
    // The grid lies about what the exact lanes say of the sample.
    double exact = 0.0, sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      if (s.lanes[i]->relation != Relation::equal) continue;
      exact += 1.0, sum += s.lanes[i]->value - mean_of(s, i, p);
    }
    const double known =
        sample_variance_ > 0.0 ? 1.0 / sample_variance_ + exact / lane_variance_ : 0.0;
    const double middle = known > 0.0 ? sum / lane_variance_ / known : 0.0;
    const double step = known > 0.0 ? 2.0 * grid_reach / std::sqrt(known) / (grid_points - 1) : 0.0;
    const int points = known > 0.0 ? grid_points : 1;
    const int centre = (points - 1) / 2;
    std::vector<At> at(n);
    std::vector<double> log_p;
    std::vector<std::vector<At>> all;
    for (int k = 0; k < points; ++k) {
      const double b = middle + (k - centre) * step;
      double l = known > 0.0 ? -0.5 * b * b / sample_variance_ : 0.0;
      for (std::size_t i = 0; i < n; ++i) {
        at[i] = lane_at(*s.lanes[i], mean_of(s, i, p) + b);
        l += at[i].log_p;
      }
      log_p.push_back(l), all.push_back(at);
    }
    const double most = std::ranges::max(log_p);
    double total = 0.0;
    for (double& l : log_p) total += l = std::exp(l - most);
    for (int k = 0; k < points; ++k) {
      const double w = log_p[std::size_t(k)] / total, b = middle + (k - centre) * step;
      double mean = 0.0, variance = 0.0, squares = 0.0;
      for (std::size_t i = 0; i < n; ++i) {
        const At& a = all[std::size_t(k)][i];
        out.lane[i] += w * a.error;
        mean += a.error / double(n), variance += a.variance / double(n * n);
        squares += a.error * a.error + a.variance;
      }
      out.mean_square += w * ((b + mean) * (b + mean) + variance);
      out.within += w * (squares - double(n) * (mean * mean + variance));
    }
    return out;
  }

  std::size_t groups_, membranes_, lanes_ = 0;
  std::vector<Sample> samples_;
  double lane_variance_ = 0.01, sample_variance_ = 0.04;
};

/// Whether every sample stands on several membranes, or all on one.
bool samples_crossed(const std::vector<LogRatio>& data, std::size_t membranes) {
  std::map<std::size_t, std::set<std::size_t>> on;
  for (const LogRatio& d : data) on[d.sample].insert(d.membrane);
  return membranes == 1 ||
         std::ranges::all_of(on, [](const auto& s) { return s.second.size() > 1; });
}

}  // namespace

Joint join_censored(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes) {
  Joint out;
  Model model(data, groups, membranes);
  if (!samples_crossed(data, membranes) || model.df() < 1.0 || model.df_within() < 1.0) return out;
  std::vector<double> p(model.size(), 0.0), n(groups, 0.0), gradient(model.size());
  for (const LogRatio& d : data) p[d.group] += d.value, n[d.group] += 1.0;
  for (std::size_t g = 0; g < groups; ++g) p[g] /= std::max(n[g], 1.0);
  const auto function = [&](std::span<const double> at, std::span<double> g) {
    model.gradient(at, g);
  };
  const std::vector<bool> moving(model.size(), true);
  std::vector<double> covariance;
  double moved = 1.0;
  for (int round = 0; round < most_rounds && moved > settled; ++round) {
    moved = model.update_variances(p);
    if (round < 3 || round % 8 == 0) covariance = numeric::inverse_hessian(function, p, moving);
    model.gradient(p, gradient);
    double steps = 0.0;
    for (std::size_t a = 0; a < p.size(); ++a) {
      double step = 0.0;
      for (std::size_t b = 0; b < p.size(); ++b) step -= covariance[a * p.size() + b] * gradient[b];
      if (!std::isfinite(step)) return out;
      p[a] += step;
      steps = std::max(steps, std::abs(step));
    }
    moved = std::max(moved, steps / model.lane_sd());
  }
  if (moved > 1e-3) return out;
  covariance = numeric::inverse_hessian(function, p, moving);
  for (std::size_t a = 0; a < groups; ++a) {
    out.mean.push_back(p[a]);
    for (std::size_t b = 0; b < groups; ++b) out.covariance.push_back(covariance[a * p.size() + b]);
  }
  out.df = model.df(), out.sd = model.lane_sd();
  out.by_sample = true;
  out.usable = std::ranges::all_of(out.covariance, [](double c) { return std::isfinite(c); });
  return out;
}

}  // namespace kinescape::immunoblot
