// SPDX-License-Identifier: Apache-2.0
/// \file How potent is each drug on each line, how resistant is one line against another, and how
/// sure is that? The results of the viability room, and the verb that makes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "dose_response/curve.hpp"
#include "plate/plate.hpp"
#include "plate/quality.hpp"
#include "viability/proliferation.hpp"

namespace kinescape::viability {

/// Whose resistance is asked about: `resistant` was derived from `parental`.
struct Pair {
  std::string resistant, parental;
};

struct Line {
  std::string name;
  double doubling_time_h = unknown;  ///< Of untreated cells, for growth-rate measures.
};

/// What a change of IC50 must be to be called resistance: declared before the data are seen.
struct ResistanceCriterion {
  double fold = 3.0;             ///< The fold must exceed this ...
  bool whole_interval = true;    ///< ... with its whole interval, or with its value only.
  double restored_within = 1.5;  ///< "Restored": the interval lies within 1/x to x.
};

struct Options {
  double level = 0.95;
  std::vector<Pair> pairs;  ///< Empty: no comparison unless the data hold exactly two lines.
  std::vector<Line> lines;
  double time_h = unknown;                   ///< Drug exposure; NaN: as in the data.
  std::vector<dose_response::Shape> shapes;  ///< Candidates; empty: the room's default set.
  std::vector<double> more_ic_percent;       ///< IC10, IC90, ... beside IC50; percent in (0, 100).
  std::optional<double> auc_low_nM, auc_high_nM;  ///< Unset: the doses all curves of a drug share.
  bool student_t = false;                         ///< Heavy-tailed wells instead of Gaussian ones.
  bool spatial_terms = true;  ///< Edge and gradient terms where the plate's test asks for them.
  bool figures = true;  ///< Points, band and repeat curves; off where only numbers are wanted.
  ResistanceCriterion criterion;
  Threads threads;
  ProgressSink progress;
};

/// One well on the viability scale (vehicle = 1, blank = 0, less the edge and gradient terms of its
/// plate), as drawn.
struct Point {
  double dose_nM = 0.0;
  double viability = unknown;
  std::string repeat, plate, well;
  plate::Reading reading = plate::Reading::measured;
  std::string excluded;  ///< Why it is kept out of the fit; empty: it is in.
};

/// Mean and standard error of one repeat at one dose; `wells` technical wells. Controls: dose 0.
struct DoseMean {
  double dose_nM = 0.0;
  std::string repeat;
  double viability = unknown, se = unknown;
  int wells = 0;
};

/// The fitted curve with its pointwise interval.
struct BandPoint {
  double dose_nM = 0.0, viability = unknown, low = unknown, high = unknown;
};

struct ShapeScore {
  dose_response::Shape shape = dose_response::Shape::flat;
  double aicc = unknown, delta_aicc = unknown;
  bool chosen = false;
};

enum class CurveClass {
  identified,     ///< Both sides of the IC50 were seen.
  below_lowest,   ///< The IC50 lies below the lowest dose.
  above_highest,  ///< The IC50 lies above the highest dose.
  flat,           ///< No response: the flat test keeps its null.
  non_monotone,   ///< The response turns beyond noise.
  failed,
};
[[nodiscard]] std::string_view name(CurveClass c);

struct RepeatCurve {
  std::string repeat;
  dose_response::Curve curve;
  double ic50_nM = unknown;
};

struct MoreIc {
  double percent = 50.0;
  Estimated relative_nM, absolute_nM;
};

/// One line and one drug.
struct CurveResult {
  std::string line, drug;
  CurveClass curve_class = CurveClass::failed;
  std::string says;  ///< One sentence in plain words.
  int repeats = 0, plates = 0, wells = 0, excluded_wells = 0, censored_wells = 0;
  double lowest_dose_nM = unknown, highest_dose_nM = unknown, time_h = unknown;
  dose_response::Curve curve;  ///< Response as a fraction of vehicle.
  std::vector<ShapeScore> shapes;
  double flat_p = unknown;     ///< Of the calibrated test against a flat response.
  Estimated ic50_nM;           ///< Relative: halfway between the curve's plateaus.
  Estimated ic50_absolute_nM;  ///< Half of vehicle.
  Estimated hill_slope;
  Estimated emax;  ///< Lower plateau, fraction of vehicle.
  Estimated viability_at_highest_dose;
  Estimated auc;  ///< Normalised to [0, 1] for a response in [0, 1]; AAC = 1 - AUC.
  double auc_low_nM = unknown, auc_high_nM = unknown;
  std::vector<MoreIc> more_ic;
  Estimated gr50_nM, gr_max, gr_aoc, gr_inf, h_gr;  ///< not_applicable without growth data.
  std::vector<Point> points;
  std::vector<DoseMean> means;
  std::vector<BandPoint> band;
  std::vector<RepeatCurve> repeat_curves;
};

enum class ResistanceCall { resistant, not_resistant, restored, undecided, not_assessed };
[[nodiscard]] std::string_view name(ResistanceCall call);

/// One drug on a resistant line against its parental line.
struct Comparison {
  std::string drug, resistant, parental;
  Estimated fold_ic50;  ///< Resistant over parental, relative IC50.
  Estimated fold_ic50_absolute;
  Estimated fold_gr50;        ///< Corrected for growth rate.
  Estimated emax_difference;  ///< Resistant minus parental, fraction of vehicle.
  Estimated hill_slope_ratio;
  double p = unknown;              ///< Of fold = 1.
  double p_adjusted = unknown;     ///< Holm over the comparisons of this estimate.
  double q_bh = unknown;           ///< Benjamini-Hochberg.
  double same_shape_p = unknown;   ///< Of equal slope and plateaus; small: not a pure shift.
  double p_equivalence = unknown;  ///< Two one-sided tests against criterion.restored_within.
  ResistanceCall call = ResistanceCall::not_assessed;
  std::string says;  ///< One sentence in plain words.
};

/// A well or a plate that took no part, and why.
struct Exclusion {
  std::string plate, well, line, drug, reason;
};

struct Estimate {
  std::vector<plate::Quality> plates;
  std::vector<CurveResult> curves;  ///< Sorted by drug, then line, as first met in the data.
  std::vector<Comparison> comparisons;
  std::vector<Proliferation> proliferation;  ///< Of time courses; empty where there are none.
  std::vector<Exclusion> exclusions;
  Problems problems;                   ///< Warnings that touch these results.
  std::vector<std::string> methods;    ///< Sentences for the methods paragraph.
  std::vector<std::string> citations;  ///< Of the methods used in this run, with DOI.
  plate::PlateSet data;  ///< What was read, for plate maps and tables; estimate() copies its input.
};

/// Everything at once: quality, curves, comparisons. Faulty data (no controls on a plate of raw
/// signals, one dose only) are errors in the result's problems; whatever can be computed, is.
[[nodiscard]] Checked<Estimate> estimate(const plate::PlateSet& plates,
                                         const Options& options = {});

/// What estimate() would say of the plates before it fits anything; it refuses those with errors.
[[nodiscard]] Problems check(const plate::PlateSet& plates, const Options& options = {});

}  // namespace kinescape::viability
