// SPDX-License-Identifier: Apache-2.0
// Place terms beside one mean per treatment. Signals are modelled as
//   y = mean of treatment + net of treatment * (effect of the place) + error,
//   variance of the error = additive + proportional * net^2,
// so that each well is centred within its treatment, divided by its own SD, and regressed on the
// place, centred likewise (Frisch-Waugh). What a layout confounds with treatments has no variance
// left after centring and is not tested.
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/number.hpp"
#include "numeric/distribution.hpp"
#include "plate/quality_internal.hpp"

namespace kinescape::plate {

namespace {

constexpr double significant = 0.01;
constexpr double least_outlier_z = 4.0;

/// One well with a companion, as the tests see it.
struct Judged {
  const Well* well = nullptr;
  std::size_t treatment = 0;
  double signal = unknown;    ///< As printed.
  double adjusted = unknown;  ///< Less the place terms that were found.
  double z = unknown;         ///< Of the adjusted signal against the others of its treatment.
  bool flagged = false;
};

using PlaceTerm = std::function<double(const Position&)>;

class Places {
 public:
  Places(const PlateView& view, Quality& quality) : view_(view), q_(quality) {
    for (std::size_t t = 0; t < view.treatments.size(); ++t) {
      const Treatment& treatment = view.treatments[t];
      if (treatment.wells.size() < 2) continue;
      for (const Well* w : treatment.wells) {
        judged_.push_back({.well = w, .treatment = t, .signal = w->signal, .adjusted = w->signal});
      }
    }
    const Format& f = view.info->format;
    edge_ = [f](const Position& p) {
      return p.row == 0 || p.column == 0 || p.row == f.rows - 1 || p.column == f.columns - 1 ? 1.0
                                                                                             : 0.0;
    };
    down_ = [f](const Position& p) { return f.rows > 1 ? p.row / (f.rows - 1.0) - 0.5 : 0.0; };
    across_ = [f](const Position& p) {
      return f.columns > 1 ? p.column / (f.columns - 1.0) - 0.5 : 0.0;
    };
    order_ = [f](const Position& p) {
      return (p.row * f.columns + p.column) / std::max(1.0, f.wells() - 1.0) - 0.5;
    };
    for (int r = 1; r < f.rows; ++r) {
      rows_.push_back([r](const Position& p) { return p.row == r ? 1.0 : 0.0; });
    }
    for (int c = 1; c < f.columns; ++c) {
      columns_.push_back([c](const Position& p) { return p.column == c ? 1.0 : 0.0; });
    }
  }

  void judge() {
    if (judged_.size() < 4 || !estimate_error()) return;
    if (view_.placed) {
      if (flag_impossible() && !estimate_error()) return;
      test_all();
      adjust();  // a well is not odd for standing where the whole edge reads low
      if (!estimate_error()) return;
    }
    flag();
    if (view_.placed && !q_.outliers.empty() && estimate_error()) test_all();
  }

 private:
  // --- the error of a well ------------------------------------------------------------------

  struct Spread {
    double df = 0.0, variance = 0.0, net = 0.0;
  };

  /// Centres each treatment and fits variance = additive + proportional net^2 to the spreads
  /// within treatments; treatments that hold a far well are left out of it. False: nothing to fit.
  bool estimate_error() {
    centre();
    if (!start_error()) return false;
    far_ = least_outlier_z;
    for (int round = 0; round < 8; ++round) {
      const std::vector<Spread> spreads = usual_spreads();
      if (spreads.empty()) break;
      weighted_step(spreads);
      far_ = limit_at(top_net());
    }
    return error_.variance(top_net()) > 0.0 && error_.df >= 2.0;
  }

  void centre() {
    const std::size_t n = view_.treatments.size();
    sum_.assign(n, 0.0);
    count_.assign(n, 0.0);
    for (const Judged& j : judged_) {
      if (j.flagged) continue;
      sum_[j.treatment] += j.adjusted;
      count_[j.treatment] += 1.0;
    }
  }

  [[nodiscard]] double top_net() const {
    double top = 0.0;
    for (const Judged& j : judged_) top = std::max(top, view_.treatments[j.treatment].net);
    return top;
  }

  /// Residual from the treatment mean, scaled to the variance of one well.
  [[nodiscard]] double residual(const Judged& j) const {
    const double n = count_[j.treatment];
    return (j.adjusted - sum_[j.treatment] / n) / std::sqrt(1.0 - 1.0 / n);
  }

  /// First guess from medians, so that single wells do not matter.
  bool start_error() {
    const double top = top_net();
    std::vector<double> high, low;
    for (const Judged& j : judged_) {
      if (j.flagged || count_[j.treatment] < 2) continue;
      const double net = view_.treatments[j.treatment].net;
      if (net > 0.3 * top) high.push_back(std::abs(residual(j)) / net);
      if (net < 0.1 * top) low.push_back(std::abs(residual(j)));
    }
    if (high.empty()) return false;
    const double relative = 1.4826 * median_of(high);
    const double floor = 1e-4 * top;  // readers print three digits: a spread of 0 is rounding
    // Generous where little is known: a start too small would take the blanks for odd and leave the
    // additive error without wells.
    const double still = std::max((low.size() < 5 ? 0.25 : 0.1) * relative * top,
                                  low.empty() ? 0.0 : 1.4826 * median_of(low));
    error_.proportional = relative * relative;
    error_.additive = std::max(still * still, floor * floor);
    return true;
  }

  std::vector<Spread> usual_spreads() {
    const std::size_t n = view_.treatments.size();
    std::vector<double> squares(n, 0.0);
    std::vector<bool> far(n, false);
    for (const Judged& j : judged_) {
      if (j.flagged || count_[j.treatment] < 2) continue;
      const double r = residual(j);
      const double net = view_.treatments[j.treatment].net;
      squares[j.treatment] += r * r * (1.0 - 1.0 / count_[j.treatment]);
      if (r * r > far_ * far_ * error_.variance(net)) far[j.treatment] = true;
    }
    std::vector<Spread> spreads;
    error_.df = 0.0;
    for (std::size_t t = 0; t < n; ++t) {
      if (count_[t] < 2 || far[t]) continue;
      const double df = count_[t] - 1.0;
      spreads.push_back({df, squares[t] / df, view_.treatments[t].net});
      error_.df += df;
    }
    return spreads;
  }

  /// One step of gamma regression (weights df / variance^2) of spread on 1 and net^2, none below 0.
  void weighted_step(const std::vector<Spread>& spreads) {
    double w1 = 0, wg = 0, wgg = 0, wv = 0, wgv = 0;
    for (const Spread& s : spreads) {
      const double fitted = error_.variance(s.net);
      if (!(fitted > 0.0)) continue;
      const double w = s.df / (fitted * fitted), g = s.net * s.net;
      w1 += w, wg += w * g, wgg += w * g * g, wv += w * s.variance, wgv += w * g * s.variance;
    }
    const double determinant = w1 * wgg - wg * wg;
    double additive = 0.0, proportional = 0.0;
    information_ = {w1, wg, wgg, determinant};
    if (determinant > 1e-9 * w1 * wgg) {
      additive = (wgg * wv - wg * wgv) / determinant;
      proportional = (w1 * wgv - wg * wv) / determinant;
    } else {
      additive = -1.0;
    }
    if (additive < 0.0 || !(determinant > 0.0)) information_.determinant = 0.0;
    if (additive < 0.0) additive = 0.0, proportional = wgg > 0.0 ? wgv / wgg : 0.0;
    if (proportional < 0.0) information_.determinant = 0.0;
    if (proportional < 0.0) proportional = 0.0, additive = w1 > 0.0 ? wv / w1 : 0.0;
    // Not down at once: when the loud wells push the additive part to nothing, the blanks, which
    // know it, would be taken for odd before their weight has grown.
    const double floor = 1e-4 * top_net();
    error_.additive = std::max({additive, 0.25 * error_.additive, floor * floor});
    error_.proportional = proportional;
  }

  /// Degrees of freedom behind the error of a well with this net signal: where few treatments read
  /// alike (the dead wells of a small plate) the fitted variance is less sure than it is overall.
  [[nodiscard]] double df_at(double net) const {
    const Information& m = information_;
    if (!(m.determinant > 0.0)) return error_.df;
    const double g = net * net, v = error_.variance(net);
    const double spread = m.wgg - 2.0 * g * m.wg + g * g * m.w1;
    return spread > 0.0 ? std::clamp(v * v * m.determinant / spread, 1.0, error_.df) : error_.df;
  }

  /// How many SDs a well must be off to be called odd: never under 4, and at most one honest plate
  /// in a hundred has such a well.
  [[nodiscard]] double limit_at(double net) const {
    const double bonferroni = 1.0 - 0.005 / static_cast<double>(judged_.size());
    return std::max(least_outlier_z, numeric::student_t_quantile(bonferroni, df_at(net)));
  }

  // --- place terms --------------------------------------------------------------------------

  /// `values` of the unflagged wells, centred within treatments and divided by the well's SD.
  template <class F>
  [[nodiscard]] std::vector<double> whitened(const F& values) const {
    const std::size_t n = view_.treatments.size();
    std::vector<double> mean(n, 0.0), per_sd(n), out;
    for (std::size_t t = 0; t < n; ++t) {
      per_sd[t] = 1.0 / std::sqrt(error_.variance(view_.treatments[t].net));
    }
    out.reserve(judged_.size());
    for (const Judged& j : judged_) {
      if (j.flagged) continue;
      out.push_back(values(j));
      mean[j.treatment] += out.back();
    }
    for (std::size_t t = 0; t < n; ++t) mean[t] /= std::max(1.0, count_[t]);
    double whole = 0.0, centred = 0.0;
    std::size_t i = 0;
    for (const Judged& j : judged_) {
      if (j.flagged) continue;
      const double value = out[i] * per_sd[j.treatment];
      out[i] = (out[i] - mean[j.treatment]) * per_sd[j.treatment];
      whole += value * value;
      centred += out[i] * out[i];
      ++i;
    }
    // Constant within every treatment: what is left is rounding, not a place.
    if (!(centred > 1e-20 * whole)) std::fill(out.begin(), out.end(), 0.0);
    return out;
  }

  [[nodiscard]] std::vector<double> whitened_term(const PlaceTerm& term) const {
    return whitened([&](const Judged& j) {
      return view_.treatments[j.treatment].net * term(j.well->position);
    });
  }

  [[nodiscard]] double residual_df() const {
    double df = 0.0;
    for (const double n : count_) df += std::max(0.0, n - 1.0);
    return df;
  }

  /// F test of `terms` beside `others`.
  SpatialEffect test(const std::vector<PlaceTerm>& others, const std::vector<PlaceTerm>& terms) {
    std::vector<std::vector<double>> x;
    for (const PlaceTerm& t : others) x.push_back(whitened_term(t));
    for (const PlaceTerm& t : terms) x.push_back(whitened_term(t));
    const std::vector<double> y = whitened([](const Judged& j) { return j.signal; });
    const Sequential s = fit_in_order(x, y);
    double explained = 0.0, rank = 0.0, all = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      all += s.used[k];
      if (k < others.size()) continue;
      explained += s.sum_of_squares[k];
      rank += s.used[k];
    }
    const double df = residual_df() - all;
    SpatialEffect effect;
    if (rank == 0.0 || df < 2.0 || !(s.residual > 0.0)) return effect;
    const double noise = s.residual / df;
    effect.p = numeric::f_upper(explained / rank / noise, rank, df);
    if (terms.size() == 1) {
      effect.percent = 100.0 * s.coefficients.back();
    } else {
      double weight = 0.0;  // what independent effects of SD 1 would explain
      for (const Judged& j : judged_) {
        const double net = view_.treatments[j.treatment].net;
        if (j.flagged) continue;
        weight += net * net / error_.variance(net) * (1.0 - 1.0 / count_[j.treatment]);
      }
      effect.percent = 100.0 * std::sqrt(std::max(0.0, explained - rank * noise) / weight);
    }
    return effect;
  }

  void test_all() {
    for (Judged& j : judged_) j.adjusted = j.signal;
    centre();
    q_.edge = test({down_, across_}, {edge_});
    q_.row = test({edge_}, rows_);
    q_.column = test({edge_}, columns_);
    q_.drift = test({edge_}, {order_});
  }

  /// Takes the effects that were found out of the signals, for finding wells that do not fit.
  void adjust() {
    std::vector<PlaceTerm> terms;
    if (q_.edge.p < significant) terms.push_back(edge_);
    if (q_.drift.p < significant) terms.push_back(order_);
    if (q_.row.p < significant) terms.insert(terms.end(), rows_.begin(), rows_.end());
    if (q_.column.p < significant) terms.insert(terms.end(), columns_.begin(), columns_.end());
    if (terms.empty()) return;
    std::vector<std::vector<double>> x;
    for (const PlaceTerm& t : terms) x.push_back(whitened_term(t));
    const Sequential s = fit_in_order(x, whitened([](const Judged& j) { return j.signal; }));
    for (Judged& j : judged_) {
      double effect = 0.0;
      for (std::size_t k = 0; k < terms.size(); ++k) {
        effect += s.coefficients[k] * terms[k](j.well->position);
      }
      j.adjusted = j.signal - view_.treatments[j.treatment].net * effect;
    }
  }

  // --- wells that do not fit ----------------------------------------------------------------

  /// A place multiplies the net signal by something between nothing and two. A well beyond that is
  /// odd wherever it stands, and would make an edge of its own. True if there is one.
  bool flag_impossible() {
    std::vector<std::vector<double>> of(view_.treatments.size());
    for (const Judged& j : judged_) of[j.treatment].push_back(j.signal);
    bool any = false;
    for (Judged& j : judged_) {
      const double blank = view_.blank_level;
      const double usual = median_of(of[j.treatment]) - blank;
      const auto slack = [&](double net) {
        return limit_at(net) * std::sqrt(error_.variance(net));
      };
      j.flagged = j.signal < blank - slack(0.0) || (of[j.treatment].size() > 2 && usual > 0.0 &&
                                                    j.signal > blank + 2.0 * usual + slack(usual));
      any = any || j.flagged;
    }
    return any;
  }

  /// Distance to the median of the treatment (of two: to the other), over the SD that a well has
  /// against the mean of the others.
  void flag() {
    std::vector<std::vector<double>> of(view_.treatments.size());
    for (const Judged& j : judged_) of[j.treatment].push_back(j.adjusted);
    std::vector<double> limits;
    for (const Treatment& t : view_.treatments) limits.push_back(limit_at(t.net));
    for (Judged& j : judged_) {
      const std::vector<double>& others = of[j.treatment];
      const auto n = static_cast<double>(others.size());
      const double centre =
          others.size() == 2 ? others[0] + others[1] - j.adjusted : median_of(others);
      const double sd = std::sqrt(error_.variance(view_.treatments[j.treatment].net));
      j.z = (j.adjusted - centre) / (sd * std::sqrt(n / (n - 1.0)));
      j.flagged = std::abs(j.z) > limits[j.treatment];
      if (!j.flagged) continue;
      q_.outliers.push_back({j.well->position, sentence(j, others.size()), j.z});
    }
    std::stable_sort(
        q_.outliers.begin(), q_.outliers.end(), [](const FlaggedWell& a, const FlaggedWell& b) {
          return std::abs(a.robust_z) > std::abs(b.robust_z);
        });
  }

  static std::string sentence(const Judged& j, std::size_t wells) {
    const Well& w = *j.well;
    std::string of = std::string(name(w.role));
    if (w.role == Role::sample) of = w.drug + " at " + rounded(w.dose_nM) + " nM";
    if (!w.drug_b.empty()) of += " with " + w.drug_b + " at " + rounded(w.dose_b_nM) + " nM";
    if (!w.line.empty()) of += " on " + w.line;
    const std::string side = j.z > 0.0 ? " SD above" : " SD below";
    return rounded(std::abs(j.z), 2) + side +
           (wells == 2 ? " the other well of " : " the other wells of ") + of +
           (wells == 2 ? " (either of the two may be the odd one)" : "");
  }

  const PlateView& view_;
  Quality& q_;
  std::vector<Judged> judged_;
  std::vector<double> sum_, count_;  ///< Per treatment, of the unflagged wells.
  WellError error_;
  struct Information {
    double w1 = 0.0, wg = 0.0, wgg = 0.0, determinant = 0.0;
  } information_;  ///< Of the two variance parameters, weights df / variance^2.
  double far_ = least_outlier_z;
  PlaceTerm edge_, down_, across_, order_;
  std::vector<PlaceTerm> rows_, columns_;
};

}  // namespace

void judge_places(const PlateView& view, Quality& quality) {
  Places(view, quality).judge();
}

}  // namespace kinescape::plate
