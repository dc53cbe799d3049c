// SPDX-License-Identifier: Apache-2.0
#include "report/tidy_internal.hpp"
#include "report/viability_internal.hpp"

namespace kinescape::report {
namespace {

void curve_row(Tidy& t, const viability::CurveResult& c) {
  t.text("line", c.line);
  t.text("drug", c.drug);
  t.text("class", std::string(viability::name(c.curve_class)));
  t.estimate("ic50", "_nM", c.ic50_nM);
  t.estimate("ic50_absolute", "_nM", c.ic50_absolute_nM);
  t.estimate("hill_slope", "", c.hill_slope);
  t.estimate("emax", "_fraction_of_vehicle", c.emax);
  t.estimate("viability_at_highest_dose", "_fraction_of_vehicle", c.viability_at_highest_dose);
  t.estimate("auc", "", c.auc);
  t.number("auc_from_nM", c.auc_low_nM);
  t.number("auc_to_nM", c.auc_high_nM);
  t.estimate("gr50", "_nM", c.gr50_nM);
  t.estimate("gr_max", "", c.gr_max);
  t.estimate("gr_aoc", "", c.gr_aoc);
  t.estimate("gr_inf", "", c.gr_inf);
  t.estimate("h_gr", "", c.h_gr);
  t.number("flat_p", c.flat_p);
  t.text("shape", std::string(dose_response::key(c.curve.shape)));
  t.number("lowest_dose_nM", c.lowest_dose_nM);
  t.number("highest_dose_nM", c.highest_dose_nM);
  t.number("time_h", c.time_h);
  t.count("repeats", c.repeats);
  t.count("plates", c.plates);
  t.count("wells", c.wells);
  t.count("excluded_wells", c.excluded_wells);
  t.count("censored_wells", c.censored_wells);
  t.method(c.ic50_nM);
}

void comparison_row(Tidy& t, const viability::Comparison& c) {
  t.text("drug", c.drug);
  t.text("resistant", c.resistant);
  t.text("parental", c.parental);
  t.text("call", std::string(viability::name(c.call)));
  t.estimate("fold_ic50", "", c.fold_ic50);
  t.estimate("fold_ic50_absolute", "", c.fold_ic50_absolute);
  t.estimate("fold_gr50", "", c.fold_gr50);
  t.estimate("emax_difference", "_fraction_of_vehicle", c.emax_difference);
  t.estimate("hill_slope_ratio", "", c.hill_slope_ratio);
  t.number("p", c.p);
  t.number("p_adjusted", c.p_adjusted);
  t.number("q_bh", c.q_bh);
  t.number("same_shape_p", c.same_shape_p);
  t.number("p_equivalence", c.p_equivalence);
  t.method(c.fold_ic50);
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const std::string& sentence : sentences) all += (all.empty() ? "" : " ") + sentence;
  return all;
}

void plate_row(Tidy& t, const plate::Quality& q) {
  t.text("plate", q.plate);
  t.count("rows", q.format.rows);
  t.count("columns", q.format.columns);
  t.text("verdict", std::string(plate::name(q.verdict)));
  t.text("reasons", joined(q.reasons));
  t.estimate("z_prime", "", q.z_prime);
  t.number("z_prime_robust", q.z_prime_robust);
  t.estimate("ssmd", "", q.ssmd);
  t.number("signal_to_background", q.signal_to_background);
  t.number("vehicle_cv_percent", q.vehicle_cv_percent);
  t.number("replicate_correlation", q.replicate_correlation);
  for (const auto& [what, effect] : {std::pair{"edge_effect", q.edge},
                                     {"row_effect", q.row},
                                     {"column_effect", q.column},
                                     {"drift", q.drift}}) {
    t.number(std::string(what) + "_percent", effect.percent);
    t.number(std::string(what) + "_p", effect.p);
  }
  t.count("sample_wells", q.sample_n);
  t.count("vehicle_wells", q.vehicle_n);
  t.count("blank_wells", q.blank_n);
  t.count("positive_wells", q.positive_n);
  t.count("outlier_wells", static_cast<int>(q.outliers.size()));
  t.count("saturated_wells", q.saturated);
  t.count("masked_wells", q.masked);
  t.count("missing_wells", q.missing);
  t.text("status", std::string(name(q.z_prime.status)));
  t.text("method", q.z_prime.method);
}

struct PointOfCurve {
  std::string line, drug, method;
  viability::Point point;
};

void point_row(Tidy& t, const PointOfCurve& of) {
  const viability::Point& p = of.point;
  t.text("line", of.line);
  t.text("drug", of.drug);
  t.number("dose_nM", p.dose_nM);
  t.text("repeat", p.repeat);
  t.text("plate", p.plate);
  t.text("well", p.well);
  t.number("viability_fraction_of_vehicle", p.viability);
  t.text("reading", std::string(plate::name(p.reading)));
  t.text("status", p.excluded.empty() ? "in" : "excluded");
  t.text("reason", p.excluded);
  t.text("method", of.method);
}

struct RateOfCurve {
  std::string line, drug;
  viability::ProliferationRate rate;
};

void rate_row(Tidy& t, const RateOfCurve& of) {
  t.text("line", of.line);
  t.text("drug", of.drug);
  t.number("dose_nM", of.rate.dose_nM);
  t.estimate("dip_rate", "_doublings_per_h", of.rate.doublings_per_h);
  t.number("delay_h", of.rate.delay_h);
  t.method(of.rate.doublings_per_h);
}

void exclusion_row(Tidy& t, const viability::Exclusion& e) {
  t.text("plate", e.plate);
  t.text("well", e.well);
  t.text("line", e.line);
  t.text("drug", e.drug);
  t.text("status", "excluded");
  t.text("reason", e.reason);
}

}  // namespace

std::vector<OutputFile> viability_tables(const viability::Estimate& estimate) {
  std::vector<PointOfCurve> points;
  for (const viability::CurveResult& c : estimate.curves) {
    for (const viability::Point& p : c.points) {
      points.push_back({c.line, c.drug, c.ic50_nM.method, p});
    }
  }
  std::vector<RateOfCurve> rates;
  for (const viability::Proliferation& p : estimate.proliferation) {
    for (const viability::ProliferationRate& r : p.rates) rates.push_back({p.line, p.drug, r});
  }
  std::vector<OutputFile> tables{table("curves", estimate.curves, curve_row),
                                 table("comparisons", estimate.comparisons, comparison_row),
                                 table("plates", estimate.plates, plate_row),
                                 table("points", points, point_row),
                                 table("exclusions", estimate.exclusions, exclusion_row)};
  if (!rates.empty()) tables.push_back(table("proliferation", rates, rate_row));
  return tables;
}

}  // namespace kinescape::report
