// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "dose_response/curve.hpp"
#include "report/fixture_internal.hpp"
#include "report/report.hpp"

namespace kinescape::report {
namespace {

using viability::CurveClass;
using viability::CurveResult;

const std::array<double, 8> doses_nM{1, 3.16, 10, 31.6, 100, 316, 1000, 3160};

struct DrugTruth {
  const char* name;
  double parental_nM, resistant_nM, bottom;
};
const std::array<DrugTruth, 6> drugs{{{"drug A", 22, 990, 0.08},
                                      {"drug B", 14, 115, 0.12},
                                      {"drug C", 41, 140, 0.2},
                                      {"drug D", 9, 10.1, 0.05},
                                      {"drug E", 260, 9e4, 0.1},
                                      {"drug F", 9e7, 9e7, 0.0}}};

/// A repeatable number in (-1, 1): the fixture's noise.
double wobble(std::size_t a, std::size_t b, std::size_t c) {
  return std::sin(12.9898 * static_cast<double>(a) + 78.233 * static_cast<double>(b) +
                  37.719 * static_cast<double>(c));
}

Estimated known(double value, double low, double high) {
  Estimated e;
  e.value = value;
  e.low = low;
  e.high = high;
  e.status = Status::ok;
  e.n = 3;
  e.method = "4-parameter log-logistic, profile likelihood";
  return e;
}

Estimated bound(double value, double low, Relation relation, Status status, const char* why) {
  Estimated e = known(value, low, unknown);
  e.relation = relation;
  e.status = status;
  e.why = why;
  return e;
}

Estimated none(Status status, const char* why) {
  Estimated e = known(unknown, unknown, unknown);
  e.status = status;
  e.why = why;
  return e;
}

dose_response::Curve curve_of(double ic50_nM, double bottom, double slope) {
  dose_response::Curve curve;
  curve.shape = dose_response::Shape::log_logistic4;
  curve[dose_response::Parameter::log10_ec50] = std::log10(ic50_nM);
  curve[dose_response::Parameter::hill_slope] = slope;
  curve[dose_response::Parameter::bottom] = bottom;
  return curve;
}

void add_data(CurveResult& c, std::size_t which) {
  for (std::size_t r = 0; r < 3; ++r) {
    const std::string repeat = fmt::format("day {}", r + 1);
    c.means.push_back({0.0, repeat, 1.0 + 0.02 * wobble(which, r, 99), 0.012, 6});
    for (std::size_t d = 0; d < doses_nM.size(); ++d) {
      const double y = value(c.curve, doses_nM[d]) + 0.05 * wobble(which, r, d);
      c.means.push_back({doses_nM[d], repeat, y, 0.018 + 0.008 * wobble(d, r, which), 3});
      for (std::size_t w = 0; w < 3; ++w) {
        viability::Point point;
        point.dose_nM = doses_nM[d];
        point.viability = y + 0.03 * wobble(which + w, r, d);
        point.repeat = repeat;
        point.plate = fmt::format("{} {}", c.line, repeat);
        point.well = fmt::format("{}{:02}", static_cast<char>('B' + which % 6), d + 2);
        c.points.push_back(point);
      }
    }
  }
  for (int i = 0; i <= 60; ++i) {
    const double dose_nM = std::pow(10.0, 3.5 * i / 60.0);
    const double y = value(c.curve, dose_nM);
    const double half = 0.025 + 0.05 * std::exp(-std::pow(y - 0.5, 2) / 0.08);
    c.band.push_back({dose_nM, y, y - half, y + half});
  }
}

CurveResult curve(std::size_t drug, bool resistant) {
  const DrugTruth& truth = drugs[drug];
  const double ic50_nM = resistant ? truth.resistant_nM : truth.parental_nM;
  CurveResult c;
  c.line = resistant ? "H-R" : "H-P";
  c.drug = truth.name;
  c.repeats = 3;
  c.plates = 3;
  c.wells = 72;
  c.lowest_dose_nM = 1;
  c.highest_dose_nM = 3160;
  c.time_h = 72;
  c.curve = curve_of(ic50_nM, truth.bottom, 1.2);
  c.flat_p = 1e-9;
  c.auc = known(0.61, 0.58, 0.64);
  c.gr50_nM = none(Status::not_applicable, "No day-0 wells and no doubling time.");
  c.hill_slope = known(1.2, 1.02, 1.41);
  c.emax = known(truth.bottom, truth.bottom - 0.03, truth.bottom + 0.03);
  c.ic50_nM = known(ic50_nM, ic50_nM / 1.18, ic50_nM * 1.21);
  c.ic50_absolute_nM = known(1.1 * ic50_nM, ic50_nM, ic50_nM * 1.3);
  c.curve_class = CurveClass::identified;
  c.says = fmt::format("{} halves {} at {:.3g} nM.", c.drug, c.line, ic50_nM);
  if (ic50_nM > 1e7) {
    c.curve_class = CurveClass::flat;
    c.curve.shape = dose_response::Shape::flat;
    c.flat_p = 0.64;
    for (Estimated* e : {&c.ic50_nM, &c.ic50_absolute_nM, &c.hill_slope, &c.emax}) {
      *e = none(Status::no_response, "The response does not differ from flat.");
    }
    c.says = fmt::format("{} does not respond to {} up to 3160 nM.", c.line, c.drug);
  } else if (ic50_nM > 3160) {
    c.curve_class = CurveClass::above_highest;
    c.ic50_nM =
        bound(3160, 2200, Relation::greater, Status::above_highest_dose, "Half is not reached.");
    c.ic50_absolute_nM = c.ic50_nM;
    c.emax = none(Status::too_few_data, "The lower plateau was not seen.");
    c.says = fmt::format("{} on {} does not reach half at 3160 nM.", c.drug, c.line);
  } else if (resistant && drug == 0) {
    c.ic50_nM.high = unknown;
    c.ic50_nM.status = Status::interval_open_high;
    c.ic50_nM.why = "The lower plateau was hardly seen.";
  }
  add_data(c, drug + (resistant ? 6 : 0));
  return c;
}

viability::Comparison comparison(std::size_t drug) {
  viability::Comparison c;
  c.drug = drugs[drug].name;
  c.resistant = "H-R";
  c.parental = "H-P";
  const double fold = drugs[drug].resistant_nM / drugs[drug].parental_nM;
  c.fold_ic50 = known(fold, fold / 1.3, fold * 1.32);
  c.fold_ic50_absolute = known(fold * 1.02, fold / 1.3, fold * 1.4);
  c.fold_gr50 = none(Status::not_applicable, "No growth data.");
  c.emax_difference = known(0.01, -0.03, 0.05);
  c.hill_slope_ratio = known(0.97, 0.8, 1.18);
  c.p = 1e-6;
  c.p_adjusted = 6e-6;
  c.q_bh = 3e-6;
  c.same_shape_p = 0.4;
  c.call = viability::ResistanceCall::resistant;
  if (drug == 2) {
    c.call = viability::ResistanceCall::undecided;
    c.fold_ic50.high = unknown;
    c.fold_ic50.status = Status::interval_open_high;
    c.fold_ic50.low = 2.2;
  }
  if (drug == 3) {
    c.call = viability::ResistanceCall::restored;
    c.p_adjusted = 0.61;
  }
  if (drug == 4) {
    c.fold_ic50 = bound(12.2, 9.1, Relation::greater, Status::above_highest_dose, "Not reached.");
    c.emax_difference = none(Status::too_few_data, "One plateau was not seen.");
  }
  if (drug == 5) {
    c.call = viability::ResistanceCall::not_assessed;
    for (Estimated* e :
         {&c.fold_ic50, &c.fold_ic50_absolute, &c.emax_difference, &c.hill_slope_ratio}) {
      *e = none(Status::no_response, "Neither line responds.");
    }
    c.p = c.p_adjusted = c.q_bh = c.same_shape_p = unknown;
  }
  c.says = fmt::format(
      "{}: H-R is {} (fold {:.2g}).", c.drug, viability::name(c.call), c.fold_ic50.value);
  return c;
}

viability::Proliferation growth() {
  viability::Proliferation p;
  p.line = "H-R";
  p.drug = drugs[0].name;
  p.rates = {{0.0, known(0.04, 0.037, 0.043), 0.0},
             {1000.0, known(-0.012, -0.016, -0.008), 18.0},
             {3160.0, none(Status::too_few_data, "No straight part."), unknown}};
  p.untreated_doublings_per_h = p.rates[0].doublings_per_h;
  p.highest_dose_doublings_per_h = p.rates[2].doublings_per_h;
  p.ic50_nM = bound(3160, unknown, Relation::greater, Status::above_highest_dose, "Not reached.");
  p.says = "drug A on H-R: untreated cells grow at 0.96 doublings a day.";
  return p;
}

/// A 96-well plate: drugs in rows B to G, doses in columns 2 to 9, controls in columns 10 and 11.
void add_plate(viability::Estimate& e, bool resistant, std::size_t r) {
  const std::string line = resistant ? "H-R" : "H-P";
  plate::Quality q;
  q.plate = fmt::format("{} day {}", line, r + 1);
  q.verdict = plate::Verdict::pass;
  q.z_prime = known(0.74 - 0.04 * static_cast<double>(r), 0.66, 0.8);
  q.z_prime.method = "Zhang 1999, bootstrap";
  q.ssmd = known(14.2, 11, 17.5);
  q.signal_to_background = 19.4;
  q.vehicle_cv_percent = 4.1;
  q.replicate_correlation = 0.991;
  q.edge = {1.2, 0.61};
  q.row = {2.0, 0.4};
  q.column = {1.1, 0.8};
  q.drift = {-0.7, 0.72};
  q.vehicle_n = 8;
  q.blank_n = 4;
  q.sample_n = 48;
  if (resistant && r == 1) {
    q.verdict = plate::Verdict::caution;
    q.reasons = {"Edge wells read 14 % lower than the rest (p = 0.0004).",
                 "One vehicle well lies 7.2 SD from the others."};
    q.edge = {-14.0, 0.0004};
    q.outliers.push_back({{2, 9}, "7.2 SD above the other vehicle wells", 7.2});
    q.saturated = 1;
  }
  e.data.plates.push_back({q.plate, q.format, "reader", q.plate + ".csv"});
  for (int row = 1; row <= 6; ++row) {
    for (int column = 1; column <= 10; ++column) {
      plate::Well well;
      well.plate = q.plate;
      well.position = {row, column};
      well.placed = true;
      well.line = line;
      well.repeat = fmt::format("day {}", r + 1);
      well.channel = "490 nm";
      well.time_h = 72;
      const auto drug = static_cast<std::size_t>(row - 1);
      const double noise = 0.05 * wobble(drug, static_cast<std::size_t>(column), r);
      if (column <= 8) {
        well.drug = drugs[drug].name;
        well.dose_nM = doses_nM[static_cast<std::size_t>(column - 1)];
        const double ic50 = resistant ? drugs[drug].resistant_nM : drugs[drug].parental_nM;
        well.signal =
            0.08 + 1.6 * value(curve_of(ic50, drugs[drug].bottom, 1.2), well.dose_nM) + noise;
      } else {
        const bool blank = column == 10 && row >= 3;
        well.role = blank ? plate::Role::blank : plate::Role::vehicle;
        well.signal = blank ? 0.08 : 1.68 + noise;
      }
      if (resistant && r == 1 && row == 5 && column == 1) {
        well.reading = plate::Reading::saturated;
        well.printed = "OVRFLW";
        well.signal = 3.5;
      }
      if (!resistant && r == 0 && row == 3 && column == 4) well.excluded = "bubble in the well";
      e.data.wells.push_back(well);
    }
  }
  e.plates.push_back(q);
}

viability::Estimate estimate() {
  viability::Estimate e;
  for (std::size_t drug = 0; drug < drugs.size(); ++drug) {
    e.curves.push_back(curve(drug, false));
    e.curves.push_back(curve(drug, true));
    e.comparisons.push_back(comparison(drug));
  }
  CurveResult& c = e.curves[4];
  c.points[9].excluded = "bubble in the well";
  c.points[9].viability = 0.31;
  c.excluded_wells = 1;
  e.curves[9].points[0].reading = plate::Reading::saturated;
  e.curves[9].points[0].viability = 1.3;
  e.curves[9].censored_wells = 1;
  for (std::size_t r = 0; r < 3; ++r) {
    add_plate(e, false, r);
    add_plate(e, true, r);
  }
  e.proliferation.push_back(growth());
  e.exclusions.push_back({"H-P day 1", "D05", "H-P", "drug C", "bubble in the well"});
  e.problems.push_back({{"H-R day 2.csv", 14, 3, "plate H-R day 2 well F02", "F02,OVRFLW"},
                        "The reader saturated; the well is taken as censored above 3.5.",
                        "Dilute or read earlier if this dose matters.",
                        Severity::warning});
  e.methods = {"Raw signals of sample, vehicle and blank wells were fitted together.",
               "Intervals are profile likelihood at 95 % (doi:10.2307/2347496)."};
  e.citations = {
      "Zhang JH, Chung TD, Oldenburg KR (1999) A simple statistical parameter. J Biomol "
      "Screen 4:67-73. doi:10.1177/108705719900400206"};
  return e;
}

}  // namespace

study::Results fixture() {
  study::Results r;
  r.study.title = "Acquired resistance of H-R to drug A";
  r.study.question = "Which inhibitors still stop the resistant line?";
  r.study.authors = {"A. Bench", "B. Model"};
  r.study.virtual_data = true;
  r.study.lines.resize(2);
  r.study.lines[0].name = "H-P";
  r.study.lines[0].doubling_time_h = 30.0;
  r.study.lines[1].name = "H-R";
  r.study.lines[1].parental = "H-P";
  r.study.lines[1].doubling_time_h = 34.0;
  for (const DrugTruth& drug : drugs) {
    study::Drug named;
    named.name = drug.name;
    named.targets = "kinase 1";
    r.study.drugs.push_back(named);
  }
  r.provenance.version = "0.1.0";
  r.provenance.command = "kinescape study run study.toml";
  r.provenance.seed = Seed{20251};
  r.provenance.inputs = {{"plates/H-P day 1.csv", std::string(64, 'a'), 4711}};
  r.viability = estimate();
  return r;
}

std::string results_json(const study::Results& results) {
  return study_files(results)[1].bytes;
}

}  // namespace kinescape::report
