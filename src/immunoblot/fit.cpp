// SPDX-License-Identifier: Apache-2.0
// One lane: sum of skew-normal peaks (Azzalini 1985) of one skewness, whose log width is a smooth
// function of the place, and a low polynomial over what stands beside the lane.
#include <algorithm>
#include <cmath>

#include "immunoblot/fit_internal.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double relative_error = 0.02;  ///< No real band is a skew normal to better than this.
constexpr double centre_sd = 0.5;        ///< How far a centre may stray, in its half widths.
constexpr double skew_sd = 2.0;
constexpr double shape_sd = 0.05;  ///< Lanes of one strip ran side by side: their bands are alike.

/// Which parameters there are, and where: centres, volumes, shape, background.
struct Form {
  std::size_t bands = 0, widths = 1, skews = 1, terms = 2;
  [[nodiscard]] std::size_t centre(std::size_t i) const { return i; }
  [[nodiscard]] std::size_t volume(std::size_t i) const { return bands + i; }
  [[nodiscard]] std::size_t width(std::size_t i) const { return 2 * bands + i; }
  [[nodiscard]] std::size_t skew(std::size_t i) const { return 2 * bands + widths + i; }
  [[nodiscard]] std::size_t term(std::size_t i) const { return 2 * bands + widths + skews + i; }
  [[nodiscard]] std::size_t size() const { return 2 * bands + widths + skews + terms; }
};

struct Problem1d {
  const LaneData& data;
  Form form;
  std::vector<double> base, weight;  ///< Of each row: what is known; 1 / error.
  double unit = 1.0;                 ///< Volumes and background are fitted in this many counts.
  double middle = 0.0, half = 1.0;   ///< Of the lane, for the shape's dependence on the place.
  double bands_middle = 0.0, bands_half = 1.0;

  [[nodiscard]] double place(double y) const {
    return std::clamp((y - bands_middle) / bands_half, -1.2, 1.2);
  }
  [[nodiscard]] double log_sigma(std::span<const double> p, double t) const {
    double s = 0.0, power = 1.0;
    for (std::size_t k = 0; k < form.widths; ++k, power *= t) s += p[form.width(k)] * power;
    return std::clamp(s, -1.0, 5.0);
  }
  [[nodiscard]] double skewness(std::span<const double> p, double t) const {
    return p[form.skew(0)] + (form.skews > 1 ? p[form.skew(1)] * t : 0.0);
  }
};

constexpr double root_2_pi = 2.5066282746310002;

double phi(double z) {
  return std::exp(-0.5 * z * z) / root_2_pi;
}
double big_phi(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// Adds the bands to `model` and their derivatives to `jacobian` (row-major, may be empty).
void add_bands(const Problem1d& f,
               std::span<const double> p,
               std::span<double> model,
               std::span<double> jacobian) {
  const std::size_t n = f.data.sum.size(), k = f.form.size();
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const double start = f.data.centre[b], t = f.place(start);
    const double sigma = std::exp(f.log_sigma(p, t)), alpha = f.skewness(p, t);
    const double centre = start + p[f.form.centre(b)] * f.data.sigma[b];
    const double volume = p[f.form.volume(b)];
    const auto from = static_cast<std::size_t>(std::clamp(centre - 7.0 * sigma, 0.0, double(n)));
    const auto to =
        static_cast<std::size_t>(std::clamp(centre + 7.0 * sigma + 1.0, 0.0, double(n)));
    for (std::size_t i = from; i < to; ++i) {
      const double z = (double(i) - centre) / sigma;
      const double bell = phi(z), part = big_phi(alpha * z), lean = phi(alpha * z);
      const double q = 2.0 * bell * part / sigma;
      model[i] += volume * q;
      if (jacobian.empty()) continue;
      double* row = jacobian.data() + i * k;
      const double dq_dz = 2.0 / sigma * (-z * bell * part + alpha * bell * lean);
      const double dq_dalpha = 2.0 / sigma * bell * lean * z;
      const double dq_dlog = -q - z * dq_dz;  // d / d log sigma
      row[f.form.centre(b)] += volume * dq_dz * (-1.0 / sigma) * f.data.sigma[b];
      row[f.form.volume(b)] += q;
      double power = 1.0;
      for (std::size_t w = 0; w < f.form.widths; ++w, power *= t) {
        row[f.form.width(w)] += volume * dq_dlog * power;
      }
      row[f.form.skew(0)] += volume * dq_dalpha;
      if (f.form.skews > 1) row[f.form.skew(1)] += volume * dq_dalpha * t;
    }
  }
}

/// Residuals: rows of the profile, then what is known before of centres and skewness.
bool residuals(const Problem1d& f,
               std::span<const double> p,
               std::span<double> residual,
               std::span<double> jacobian) {
  const std::size_t n = f.data.sum.size(), k = f.form.size();
  std::vector<double> model(n, 0.0);
  std::ranges::fill(jacobian, 0.0);
  add_bands(f, p, model, jacobian);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = (double(i) - f.middle) / f.half;
    double power = 1.0, ground = 0.0;
    for (std::size_t t = 0; t < f.form.terms; ++t, power *= x) {
      ground += p[f.form.term(t)] * power;
      if (!jacobian.empty()) jacobian[i * k + f.form.term(t)] = power;
    }
    residual[i] = (model[i] + ground - (f.data.sum[i] - f.base[i]) / f.unit) * f.weight[i];
    if (!jacobian.empty()) {
      for (std::size_t c = 0; c < k; ++c) jacobian[i * k + c] *= f.weight[i];
    }
  }
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    residual[n + b] = p[f.form.centre(b)] / centre_sd;
    if (!jacobian.empty()) jacobian[(n + b) * k + f.form.centre(b)] = 1.0 / centre_sd;
  }
  const std::size_t more = n + f.form.bands;
  for (std::size_t s = 0; s < f.form.skews; ++s) {
    residual[more + s] = p[f.form.skew(s)] / skew_sd;
    if (!jacobian.empty()) jacobian[(more + s) * k + f.form.skew(s)] = 1.0 / skew_sd;
  }
  const std::size_t last = more + f.form.skews;
  for (std::size_t w = 1; w < f.form.widths; ++w) {  // widths change by no more than a factor of e
    residual[last + w - 1] = p[f.form.width(w)];
    if (!jacobian.empty()) jacobian[(last + w - 1) * k + f.form.width(w)] = 1.0;
  }
  const std::size_t shape = last + f.form.widths - 1;
  for (std::size_t s = 0; s < f.data.shape.size(); ++s) {
    residual[shape + s] = (p[f.form.width(0) + s] - f.data.shape[s]) / shape_sd;
    if (!jacobian.empty()) jacobian[(shape + s) * k + f.form.width(0) + s] = 1.0 / shape_sd;
  }
  return true;
}

/// Rows that no band reaches, in half widths: they say how much a background may bend.
std::size_t background_terms(const LaneData& data) {
  std::vector<bool> taken(data.sum.size(), false);
  for (std::size_t b = 0; b < data.centre.size(); ++b) {
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (std::abs(double(i) - data.centre[b]) < 3.0 * data.sigma[b]) taken[i] = true;
    }
  }
  const double usual = data.sigma.empty() ? 4.0 : median_of(data.sigma);
  const double free = double(std::ranges::count(taken, false)) / usual;
  return free < 10.0 ? 2 : free < 20.0 ? 3 : 4;
}

void weigh(Problem1d& f, std::span<const double> net) {
  f.weight.resize(f.data.sum.size());
  for (std::size_t i = 0; i < f.weight.size(); ++i) {
    const double own = relative_error * std::max(net[i], 0.0);
    f.weight[i] = f.unit / std::sqrt(f.data.variance[i] + own * own);
  }
}

Problem1d problem_of(const LaneData& data) {
  Problem1d f{data, {}, {}, {}, 1.0, 0.0, 1.0, 0.0, 1.0};
  const std::size_t n = data.sum.size();
  f.form.bands = data.centre.size();
  f.form.widths = f.form.bands >= 5 ? 3 : f.form.bands >= 3 ? 2 : 1;
  f.form.skews = f.form.bands >= 5 ? 2 : 1;
  f.form.terms = background_terms(data);
  f.base = data.beside.empty() ? std::vector<double>(n, 0.0) : data.beside;
  f.middle = 0.5 * double(n - 1), f.half = std::max(1.0, 0.5 * double(n - 1));
  if (f.form.bands > 0) {
    const auto [low, high] = std::ranges::minmax(data.centre);
    f.bands_middle = 0.5 * (low + high), f.bands_half = std::max(1.0, 0.5 * (high - low));
  }
  std::vector<double> net(n);
  for (std::size_t i = 0; i < n; ++i) net[i] = data.sum[i] - f.base[i];
  const double low = quantile_of(net, 0.1);
  double most = 0.0;
  for (double& x : net) x -= low, most = std::max(most, x);
  f.unit = std::max(most, 1.0);
  weigh(f, net);
  return f;
}

std::vector<double> start_of(const Problem1d& f) {
  std::vector<double> p(f.form.size(), 0.0);
  const LaneData& d = f.data;
  std::vector<double> net;
  for (std::size_t i = 0; i < d.sum.size(); ++i) net.push_back(d.sum[i] - f.base[i]);
  const double ground = quantile_of(net, 0.15);
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const auto at = static_cast<std::size_t>(std::clamp(d.centre[b], 0.0, double(net.size() - 1)));
    p[f.form.volume(b)] = std::max(1e-3, (net[at] - ground) / f.unit) * d.sigma[b] * root_2_pi;
  }
  p[f.form.width(0)] = std::log(median_of(d.sigma));
  for (std::size_t s = 0; s < d.shape.size(); ++s) p[f.form.width(0) + s] = d.shape[s];
  p[f.form.term(0)] = ground / f.unit;
  return p;
}

}  // namespace

LaneFit fit_lane(const LaneData& data, int most_steps) {
  LaneFit out;
  const std::size_t n = data.sum.size();
  Problem1d f = problem_of(data);
  if (f.form.bands == 0) return out;
  if (data.shape.size() != f.form.widths + f.form.skews && !data.shape.empty()) return out;
  const std::size_t known = f.form.bands + f.form.skews + f.form.widths - 1 + data.shape.size();
  numeric::LeastSquaresOptions options;
  options.max_iterations = most_steps;
  options.tolerance = most_steps == full_fit ? 1e-8 : 1e-4;
  options.lower.assign(f.form.size(), -1e300);
  options.upper.assign(f.form.size(), 1e300);
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    // What was not seen stays where its row passes.
    const double stray = data.seen[b] ? 1.5 : 0.0;
    options.lower[f.form.centre(b)] = -stray, options.upper[f.form.centre(b)] = stray;
  }
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    return residuals(f, p, r, j);
  };
  std::vector<double> start = start_of(f);
  numeric::LeastSquaresFit fit;
  for (int pass = 0; pass < 2; ++pass) {  // the second with weights from the first's peaks
    fit = numeric::least_squares(function, n + known, start, options);
    if (fit.parameters.empty()) return out;
    start = fit.parameters;
    std::vector<double> peaks(n, 0.0);
    add_bands(f, start, peaks, {});
    for (double& x : peaks) x *= f.unit;
    if (pass == 0) weigh(f, peaks);
  }
  out.converged = fit.usable() || most_steps != full_fit;
  const auto& p = fit.parameters;
  const std::size_t k = f.form.size();
  const double spread = std::max(1.0, fit.residual_sum / std::max(1.0, double(n) - double(k)));
  for (std::size_t s = 0; s < f.form.widths + f.form.skews; ++s)
    out.shape.push_back(p[f.form.width(0) + s]);
  std::vector<double> model(n, 0.0);
  add_bands(f, p, model, {});
  for (std::size_t i = 0; i < n; ++i) {
    const double x = (double(i) - f.middle) / f.half;
    double power = 1.0, ground = 0.0;
    for (std::size_t t = 0; t < f.form.terms; ++t, power *= x) ground += p[f.form.term(t)] * power;
    out.background.push_back(f.base[i] + ground * f.unit);
    out.peaks.push_back(model[i] * f.unit);
  }
  for (std::size_t b = 0; b < f.form.bands; ++b) {
    const double t = f.place(data.centre[b]), alpha = f.skewness(p, t);
    const double sigma = std::exp(f.log_sigma(p, t));
    const double delta = alpha / std::sqrt(1.0 + alpha * alpha);
    out.volume.push_back(p[f.form.volume(b)] * f.unit);
    const std::size_t at = f.form.volume(b);
    out.se.push_back(std::sqrt(spread * fit.covariance_unscaled[at * k + at]) * f.unit);
    // Mean and standard deviation of the skew normal.
    out.centre.push_back(data.centre[b] + p[f.form.centre(b)] * data.sigma[b] +
                         sigma * delta * std::sqrt(2.0 / M_PI));
    out.sigma.push_back(sigma * std::sqrt(1.0 - 2.0 * delta * delta / M_PI));
  }
  return out;
}

}  // namespace kinescape::immunoblot
