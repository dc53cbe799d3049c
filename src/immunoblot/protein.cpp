// SPDX-License-Identifier: Apache-2.0
// From absorbances to concentrations and loads.
#include "immunoblot/protein.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/number.hpp"
#include "immunoblot/standard_curve_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::array all_curves{ProteinCurve::linear,
                                ProteinCurve::quadratic,
                                ProteinCurve::logistic4,
                                ProteinCurve::logistic5};
/// Standard deviation of a well: constant, or in proportion to the square root of the absorbance,
/// or to the absorbance.
constexpr std::array powers{0.0, 0.5, 1.0};

std::string_view option_name(ProteinCurve curve) {
  switch (curve) {
    case ProteinCurve::linear:
      return "linear";
    case ProteinCurve::quadratic:
      return "quadratic";
    case ProteinCurve::logistic4:
      return "4pl";
    case ProteinCurve::logistic5:
      return "5pl";
  }
  return "";
}

struct Chosen {
  ProteinCurve curve = ProteinCurve::linear;
  double power = 0.0;
  numeric::LeastSquaresFit fit;
  Calibration data;  ///< With its weights.
  double aicc = unknown;
  [[nodiscard]] double df() const { return double(data.x.size()) - double(parameters_of(curve)); }
};

/// Weights from the curve itself, refined until they stand still; never below a tenth of the
/// largest absorbance, so that wells near 0 do not rule.
void weigh(Chosen& c) {
  c.data.weight.assign(c.data.x.size(), 1.0);
  double largest = 0.0;
  for (const double y : c.data.y) largest = std::max(largest, std::abs(y));
  for (std::size_t i = 0; i < c.data.x.size() && c.power > 0.0; ++i) {
    const double mean =
        std::max(0.1 * largest, std::abs(curve_value(c.curve, c.fit.parameters, c.data.x[i])));
    c.data.weight[i] = std::pow(largest / mean, 2.0 * c.power);
  }
}

Chosen fitted(ProteinCurve curve, double power, const Calibration& data) {
  Chosen c;
  c.curve = curve, c.power = power, c.data = data;
  c.fit = fit_standard(curve, data);
  for (int pass = 0; power > 0.0 && pass < 4 && c.fit.usable(); ++pass) {
    weigh(c);
    c.fit = fit_standard(curve, c.data, c.fit.parameters);
  }
  if (!c.fit.usable()) return c;
  weigh(c);
  const double n = double(data.x.size()), k = double(parameters_of(curve)) + 1.0;
  double log_weights = 0.0;
  for (const double w : c.data.weight) log_weights += std::log(w);
  const double minus_2_log =
      n * std::log(2.0 * M_PI * std::max(c.fit.residual_sum, 1e-300) / n) + n - log_weights;
  c.aicc =
      n - k - 1.0 > 0.0 ? minus_2_log + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0) : unknown;
  return c;
}

/// Weight of a well with this absorbance, as the standards were weighed.
double weight_at(const Chosen& c, double y) {
  double largest = 0.0;
  for (const double v : c.data.y) largest = std::max(largest, std::abs(v));
  return c.power > 0.0 ? std::pow(largest / std::max(0.1 * largest, std::abs(y)), 2.0 * c.power)
                       : 1.0;
}

/// Standards and the sample's wells at `x`: the least sum of squares.
double sum_with(const Chosen& c, const std::vector<double>& wells, double weight, double x) {
  Calibration all = c.data;
  for (const double y : wells) {
    all.x.push_back(x);
    all.y.push_back(y);
    all.weight.push_back(weight);
  }
  const auto fit = fit_standard(c.curve, all, c.fit.parameters);
  return fit.usable() ? fit.residual_sum : unknown;
}

struct Ends {
  double low = unknown, high = unknown;
};

/// Profile likelihood of the concentration: with one well on a straight line, Fieller's interval.
Ends profile(
    const Chosen& c, const std::vector<double>& wells, double at, double reach, double level) {
  double mean = 0.0;
  for (const double y : wells) mean += y / double(wells.size());
  const double weight = weight_at(c, mean), least = sum_with(c, wells, weight, at);
  const double df = c.df() + double(wells.size()) - 1.0;
  const double limit = least * (1.0 + numeric::f_quantile(level, 1.0, df) / df);
  const auto inside = [&](double x) {
    const double s = sum_with(c, wells, weight, x);
    return !(s > limit);
  };
  const auto end = [&](double out) {
    if (inside(out)) return unknown;
    double in = at;
    for (int i = 0; i < 60 && std::abs(out - in) > 1e-9 * reach; ++i) {
      const double middle = 0.5 * (in + out);
      (inside(middle) ? in : out) = middle;
    }
    return 0.5 * (in + out);
  };
  return {end(0.0), end(reach)};
}

Estimated scaled(Estimated e, double by) {
  return mapped(std::move(e), [by](double x) { return x * by; });
}

struct Range {
  double low, high, low_y, high_y;
};

SampleResult sample_result(const std::string& name,
                           double dilution,
                           const std::vector<double>& wells,
                           const Chosen& c,
                           const Range& range,
                           const ProteinOptions& options) {
  SampleResult out;
  out.sample = name, out.dilution = dilution, out.wells = int(wells.size());
  out.mean_absorbance = 0.0;
  for (const double y : wells) out.mean_absorbance += y / double(wells.size());
  Estimated e;
  e.level = options.level, e.n = 1;
  e.method = fmt::format("{} standard curve, {}",
                         kinescape::immunoblot::name(c.curve),
                         c.curve == ProteinCurve::linear && wells.size() == 1 && c.power == 0.0
                             ? "Fieller interval"
                             : "profile likelihood");
  if (out.mean_absorbance > range.high_y || out.mean_absorbance < range.low_y) {
    const bool above = out.mean_absorbance > range.high_y;
    out.outside_standards = true;
    e.relation = above ? Relation::greater : Relation::less;
    e.value = above ? range.high : range.low;
    (above ? e.low : e.high) = e.value;
    e.status = above ? Status::interval_open_high : Status::interval_open_low;
    e.why = above
                ? "the absorbance is above that of the highest standard: dilute the lysate further"
                : "the absorbance is below that of the lowest standard: dilute the lysate less";
  } else {
    e.value = inverse(c.curve, c.fit.parameters, out.mean_absorbance, 0.0, range.high);
    if (std::isnan(e.value)) {
      e.status = Status::failed;
      e.why = "the curve does not pass this absorbance within the standards";
    } else {
      const Ends ends = profile(c, wells, e.value, 3.0 * range.high, options.level);
      e.low = ends.low, e.high = ends.high;
      const bool no_low = std::isnan(e.low), no_high = std::isnan(e.high);
      e.status = no_low && no_high ? Status::interval_open
                 : no_low          ? Status::interval_open_low
                 : no_high         ? Status::interval_open_high
                                   : Status::ok;
      if (e.status != Status::ok) e.why = "the standards do not close the interval";
    }
  }
  out.concentration_ug_per_ml = scaled(e, dilution);
  return out;
}

/// Equal loads: lysate for `load_ug`, buffer to its final strength, water for the rest. What is in
/// the lane has the error of the concentration and of pipetting.
void add_loading(SampleResult& s, const ProteinOptions& o) {
  s.lysate_ul.status = s.load_ug.status = Status::not_applicable;
  if (std::isnan(o.load_ug) || !s.concentration_ug_per_ml.exact()) {
    s.lysate_ul.why = s.load_ug.why =
        std::isnan(o.load_ug) ? "no load was asked for" : "the concentration is not known";
    return;
  }
  const Estimated& c = s.concentration_ug_per_ml;
  s.lysate_ul = {};
  s.lysate_ul.value = 1000.0 * o.load_ug / c.value;
  s.lysate_ul.low = 1000.0 * o.load_ug / c.high, s.lysate_ul.high = 1000.0 * o.load_ug / c.low;
  s.lysate_ul.status = c.status, s.lysate_ul.n = c.n, s.lysate_ul.level = c.level,
  s.lysate_ul.method = c.method;
  s.buffer_ul = o.volume_ul / o.buffer_fold;
  s.water_ul = o.volume_ul - s.buffer_ul - s.lysate_ul.value;
  const double z = numeric::normal_quantile(0.5 + 0.5 * c.level),
               pipette = 0.01 * o.pipetting_percent;
  const double log_low = std::hypot(std::log(c.value / c.low), z * pipette);
  const double log_high = std::hypot(std::log(c.high / c.value), z * pipette);
  s.load_ug = s.lysate_ul;
  s.load_ug.value = o.load_ug;
  s.load_ug.low = o.load_ug * std::exp(-log_low), s.load_ug.high = o.load_ug * std::exp(log_high);
  if (s.water_ul < 0.0) {
    s.water_ul = unknown;
    s.load_ug = {};
    s.load_ug.relation = Relation::less;
    s.load_ug.value = s.load_ug.high = o.load_ug;
    s.load_ug.status = Status::interval_open_low;
    s.load_ug.why = "the lysate is too dilute for this load in this volume";
  }
}

Problems check(const ProteinPlate& plate, const Calibration& data) {
  std::map<double, int> levels;
  for (const double x : data.x) ++levels[x];
  if (levels.size() >= 3) return {};
  return {{{plate.file, 0, 0, "", ""},
           fmt::format("there are {} different standards; a curve needs three", levels.size()),
           "Add the wells of the standards (role standard, concentration_ug_per_ml)."}};
}

}  // namespace

Checked<ProteinResult> estimate_protein(const ProteinPlate& plate, const ProteinOptions& options) {
  Checked<ProteinResult> out;
  ProteinResult& result = out.value;
  double blanks = 0.0, sum = 0.0;
  for (const ProteinWell& w : plate.wells) {
    if (w.role == ProteinWell::Role::blank) blanks += 1.0, sum += w.absorbance;
  }
  result.blank = blanks > 0.0 ? sum / blanks : 0.0;
  Calibration data;
  std::map<std::string, std::map<double, std::vector<double>>> samples;
  std::vector<std::string> order;
  for (const ProteinWell& w : plate.wells) {
    const double y = w.absorbance - result.blank;
    if (w.role == ProteinWell::Role::standard) {
      data.x.push_back(w.concentration_ug_per_ml), data.y.push_back(y);
      result.standards.push_back({w.concentration_ug_per_ml, y});
    } else if (w.role == ProteinWell::Role::sample) {
      if (!samples.contains(w.sample)) order.push_back(w.sample);
      samples[w.sample][w.dilution].push_back(y);
    }
  }
  out.problems = check(plate, data);
  if (!out.ok()) return out;
  std::vector<Chosen> all;
  for (const ProteinCurve curve : all_curves) {
    if (!options.curve.empty() && option_name(curve) != options.curve) continue;
    Chosen best;
    for (const double power : powers) {
      if (options.constant_variance && power > 0.0) continue;
      Chosen c = fitted(curve, power, data);
      if (c.fit.usable() && (!best.fit.usable() || c.aicc < best.aicc)) best = std::move(c);
    }
    if (best.fit.usable()) all.push_back(std::move(best));
  }
  const auto better = [](const Chosen& a, const Chosen& b) {
    return std::isnan(b.aicc) ? !std::isnan(a.aicc) : a.aicc < b.aicc;
  };
  const auto chosen = std::ranges::min_element(all, better);
  if (chosen == all.end() || (std::isnan(chosen->aicc) && chosen->df() < 1.0)) {
    out.problems.push_back({{plate.file, 0, 0, "", ""},
                            "no standard curve could be fitted",
                            "Give the standards in replicate, at four concentrations or more."});
    return out;
  }
  for (const Chosen& c : all) {
    result.curves.push_back({c.curve,
                             c.aicc,
                             std::sqrt(c.fit.residual_sum / std::max(c.df(), 1.0)),
                             &c == &*chosen,
                             c.fit.parameters});
  }
  Range range{1e300, 0.0, 0.0, 0.0};
  for (const double x : data.x) {
    if (x > 0.0) range.low = std::min(range.low, x);
    range.high = std::max(range.high, x);
  }
  range.low_y = curve_value(chosen->curve, chosen->fit.parameters, range.low);
  range.high_y = curve_value(chosen->curve, chosen->fit.parameters, range.high);
  if (!(range.high_y > range.low_y)) {
    out.problems.push_back({{plate.file, 0, 0, "", ""},
                            "the absorbance does not rise with the standards",
                            "Check their concentrations and the column of absorbances."});
    return out;
  }
  result.lowest_ug_per_ml = range.low, result.highest_ug_per_ml = range.high;
  for (const std::string& name : order) {
    for (const auto& [dilution, wells] : samples[name]) {
      result.samples.push_back(sample_result(name, dilution, wells, *chosen, range, options));
      add_loading(result.samples.back(), options);
    }
  }
  result.methods = {fmt::format(
      "Blank wells were averaged and taken away once. Standard curve: {} (smallest AICc of linear, "
      "quadratic, 4- and 5-parameter logistic, each with constant or rising variance). "
      "Concentrations by profile likelihood of standards and sample together, which is Fieller's "
      "interval for one well on a straight line. Samples outside the standards are bounds.",
      name(chosen->curve))};
  result.citations = {
      "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185.",
      "Smith PK et al. Measurement of protein using bicinchoninic acid. Anal Biochem "
      "1985;150:76-85. doi:10.1016/0003-2697(85)90442-7"};
  return out;
}

}  // namespace kinescape::immunoblot
