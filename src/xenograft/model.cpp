// SPDX-License-Identifier: Apache-2.0
// The mixed model of ln volume.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {
namespace {

/// Rows for the model. Arms of one mouse stay out: nothing is known of their spread.
struct Rows {
  numeric::MixedData data;
  std::vector<std::uint8_t> below;
  std::vector<std::string> arms, names;
  std::vector<std::string> operators;  // with levels of their own, the first as the reference
  std::vector<std::size_t> varying;    // arms whose effect may vary between lines
  int animals = 0, lines = 0, censored = 0;
};

bool enters(const Animal& a, const Selection& which) {
  return (which.all_lines || a.line == which.line) && (!which.animals || which.animals(a));
}

std::vector<std::string> arms_of(const Experiment& e, const Selection& which) {
  std::map<std::string, int> count;
  for (const Animal& a : e.animals) {
    const bool any = std::any_of(
        a.visits.begin(), a.visits.end(), [](const Visit& v) { return !std::isnan(v.volume_mm3); });
    if (any && enters(a, which)) ++count[a.arm];
  }
  std::vector<std::string> out;
  for (const std::string& arm : e.arms)
    if (count[arm] >= 2) out.push_back(arm);
  return out;
}

void name_columns(const Options& o, Rows& rows) {
  rows.names = {"(Intercept)", "day"};
  for (const double k : o.knots) rows.names.push_back(fmt::format("day_after_{}", exact(k)));
  for (std::size_t a = 1; a < rows.arms.size(); ++a)
    rows.names.push_back("arm[" + rows.arms[a] + "]");
  for (std::size_t a = 1; a < rows.arms.size(); ++a) {
    rows.names.push_back("day:arm[" + rows.arms[a] + "]");
    for (const double k : o.knots)
      rows.names.push_back(fmt::format("day_after_{}:arm[{}]", exact(k), rows.arms[a]));
  }
  for (std::size_t k = 1; k < rows.operators.size(); ++k)
    rows.names.push_back("measured_by[" + rows.operators[k] + "]");
}

void add_row(const Options& o, const Visit& v, std::size_t arm, int animal, int line, Rows& rows) {
  numeric::MixedData& d = rows.data;
  d.y.push_back(std::log(v.volume_mm3));
  rows.below.push_back(v.below_limit);
  rows.censored += v.below_limit;
  std::vector<double> trend = {v.day};
  for (const double k : o.knots) trend.push_back(std::max(0.0, v.day - k));
  d.x.push_back(1.0);
  d.x.insert(d.x.end(), trend.begin(), trend.end());
  for (std::size_t a = 1; a < rows.arms.size(); ++a) d.x.push_back(a == arm ? 1.0 : 0.0);
  for (std::size_t a = 1; a < rows.arms.size(); ++a)
    for (const double t : trend) d.x.push_back(a == arm ? t : 0.0);
  for (std::size_t k = 1; k < rows.operators.size(); ++k)
    d.x.push_back(v.measured_by == rows.operators[k] ? 1.0 : 0.0);
  d.z.push_back(1.0);
  if (o.random_slope) d.z.push_back(v.day);
  for (const std::size_t a : rows.varying) d.z.push_back(a == arm ? v.day : 0.0);
  d.time.push_back(v.day);
  d.group.push_back(animal);
  d.subgroup.push_back(line);
}

/// Arms that stand beside the reference in three lines or more, somewhere with two mice: with fewer
/// lines, or a mouse a line, how an effect varies between lines is not told from how mice do.
std::vector<std::size_t> varying_arms(const Experiment& e,
                                      const Selection& which,
                                      const std::vector<std::string>& arms) {
  std::map<std::string, std::map<std::string, int>> mice;  // by arm and line
  for (const Animal& a : e.animals)
    if (enters(a, which)) ++mice[a.arm][a.line];
  std::vector<std::size_t> out;
  for (std::size_t arm = 1; arm < arms.size(); ++arm) {
    int lines = 0, most = 0;
    for (const auto& [line, count] : mice[arms[arm]])
      if (mice[arms.front()].contains(line)) ++lines, most = std::max(most, count);
    if (lines >= 3 && most >= 2) out.push_back(arm);
  }
  return out;
}

Rows rows_of(const Experiment& e, const Options& o, const Selection& which) {
  Rows rows;
  rows.arms = arms_of(e, which);
  if (which.by_operator) rows.operators = operators_of(e);
  name_columns(o, rows);
  if (which.all_lines && o.random_slope && !o.common_effect)
    rows.varying = varying_arms(e, which, rows.arms);
  rows.data.fixed = static_cast<int>(rows.names.size());
  rows.data.lone = static_cast<int>(rows.varying.size());
  rows.data.random = (o.random_slope ? 2 : 1) + rows.data.lone;
  std::map<std::string, int> lines;
  for (const Animal& a : e.animals) {
    if (!enters(a, which)) continue;
    const auto arm = std::find(rows.arms.begin(), rows.arms.end(), a.arm);
    if (arm == rows.arms.end()) continue;
    const int line = lines.emplace(a.line, static_cast<int>(lines.size())).first->second;
    bool any = false;
    for (std::size_t i = 0; i < a.visits.size(); ++i) {
      const Visit& v = a.visits[i];
      if (!(v.volume_mm3 > 0.0) || (v.below_limit && o.drop_below_limit)) continue;
      if (which.visits && !which.visits(a, i)) continue;
      add_row(o, v, static_cast<std::size_t>(arm - rows.arms.begin()), rows.animals, line, rows);
      any = true;
    }
    rows.animals += any;
  }
  rows.lines = static_cast<int>(lines.size());
  // Several lines: they are the independent units, and mice lie within them.
  if (rows.lines >= 2 && which.all_lines)
    std::swap(rows.data.group, rows.data.subgroup);
  else
    rows.data.subgroup.clear();
  return rows;
}

void say_formula(const Options& o, const Rows& rows, Model& m) {
  m.formula = rows.arms.size() > 1 ? "ln(volume) ~ day * arm" : "ln(volume) ~ day";
  for (const double k : o.knots) m.formula += fmt::format(", slopes change at day {}", exact(k));
  const std::string random = o.random_slope ? "(day | " : "(1 | ";
  m.formula += " + " + random + "animal)";
  if (!rows.data.subgroup.empty()) m.formula += " + " + random + "line)";
  if (!rows.varying.empty()) m.formula += " + (0 + day:arm || line)";
  if (o.serial_correlation) m.formula += " + CAR(1) within animal";
  m.formula += ", REML";
  m.df_method = o.satterthwaite ? "Satterthwaite" : "Kenward-Roger";
}

bool refused(const Rows& rows, const Experiment& e, const Selection& which, Model& m) {
  std::set<std::string> in(rows.arms.begin(), rows.arms.end());
  std::vector<std::string> out;
  for (const Animal& a : e.animals)
    if (enters(a, which) && !in.contains(a.arm) &&
        std::find(out.begin(), out.end(), a.arm) == out.end())
      out.push_back(a.arm);
  for (const std::string& arm : out)
    m.why += fmt::format(
        "{}Arm \"{}\" has one mouse: its curve is shown, but between-mouse spread is unknown, so "
        "nothing is inferred about it.",
        m.why.empty() ? "" : " ",
        arm);
  if (rows.arms.empty() && !out.empty()) m.status = Status::single_subject;
  if (rows.arms.empty() && out.empty()) {
    m.status = Status::too_few_data;
    m.why = "No mouse has a volume.";
  }
  return rows.arms.empty();
}

void describe_fit(const numeric::MixedFit& f, const Rows& rows, Model& m) {
  const bool nested = !rows.data.subgroup.empty();
  const auto columns = static_cast<std::size_t>(rows.data.random);
  const auto& animal = nested ? f.subgroup_covariance : f.random_covariance;
  const bool slope = rows.data.random - rows.data.lone == 2;
  m.sd_intercept = std::sqrt(animal[0]);
  if (slope) {
    m.sd_slope = std::sqrt(animal[columns + 1]);
    m.correlation = animal[1] / std::sqrt(animal[0] * animal[columns + 1]);
  }
  if (nested) {
    m.sd_line_intercept = std::sqrt(f.random_covariance[0]);
    if (slope) m.sd_line_slope = std::sqrt(f.random_covariance[columns + 1]);
  }
  for (std::size_t k = 0; k < rows.varying.size(); ++k) {
    const double sd =
        std::sqrt(f.random_covariance[(columns + 1) * (columns - rows.varying.size() + k)]);
    // On the boundary the search ends within rounding of 0.
    m.line_effects.push_back({rows.arms[rows.varying[k]], sd < 1e-9 ? 0.0 : sd});
  }
  m.sd_residual = f.residual_sd;
  m.serial_correlation = f.serial_correlation;
  m.log_likelihood = f.log_likelihood;
  m.singular = f.singular;
}

}  // namespace

std::vector<double> Fitted::slope_of(std::size_t arm) const {
  std::vector<double> l(columns, 0.0);
  l[1] = 1.0;
  if (arm > 0) l[1 + knots + (arms.size() - 1) + (arm - 1) * (1 + knots) + 1] = 1.0;
  return l;
}

std::vector<std::string> operators_of(const Experiment& e) {
  std::set<std::string> names;
  for (const Animal& a : e.animals)
    for (const Visit& v : a.visits)
      if (!std::isnan(v.volume_mm3)) names.insert(v.measured_by);
  return {names.begin(), names.end()};
}

Fitted fit_model(const Experiment& e, const Options& o, const Selection& which) {
  Fitted out;
  const Rows rows = rows_of(e, o, which);
  Model& m = out.model;
  m.line = which.all_lines ? "" : which.line;
  m.n = static_cast<int>(rows.data.y.size()), m.animals = rows.animals,
  m.below_limit = rows.censored;
  out.arms = rows.arms, out.columns = rows.names.size(), out.knots = o.knots.size();
  if (refused(rows, e, which, m)) return out;
  say_formula(o, rows, m);
  numeric::MixedOptions options;
  options.serial_correlation = o.serial_correlation;
  out.fit = numeric::fit_mixed_censored(rows.data, rows.below, options, o.imputations, o.seed, 11);
  switch (out.fit.end) {
    case numeric::MixedEnd::converged:
      m.status = Status::ok;
      break;
    case numeric::MixedEnd::singular_design:
      m.status = Status::too_few_data;
      m.why = "The visits do not tell the coefficients apart (an arm seen on one day only?).";
      return out;
    case numeric::MixedEnd::too_few_data:
      m.status = Status::too_few_data;
      m.why = "There are fewer volumes than the model has coefficients, or no scatter at all.";
      return out;
    default:
      m.status = Status::failed;
      m.why = "The likelihood did not converge.";
      return out;
  }
  describe_fit(numeric::mean_variances(out.fit), rows, m);
  const auto method =
      o.satterthwaite ? numeric::DfMethod::satterthwaite : numeric::DfMethod::kenward_roger;
  for (std::size_t j = 0; j < rows.names.size(); ++j) {
    std::vector<double> l(rows.names.size(), 0.0);
    l[j] = 1.0;
    const auto c = numeric::contrast(out.fit, l, method),
               s = numeric::contrast(out.fit, l, numeric::DfMethod::satterthwaite);
    m.coefficients.push_back({rows.names[j], c.estimate, c.se, c.df, c.p, s.se, s.df});
  }
  return out;
}

}  // namespace kinescape::xenograft
