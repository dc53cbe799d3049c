// SPDX-License-Identifier: Apache-2.0
/// \file What do the blots say? Bands of all images, and target over total where a lane sheet says
/// what stood in each lane.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "immunoblot/lane_sheet.hpp"
#include "immunoblot/measure.hpp"
#include "immunoblot/protein.hpp"

namespace kinescape::immunoblot {

/// One image and what was measured on it.
struct BlotImage {
  std::string file;
  Measured measured;
  Picture overlay;  ///< With the boxes drawn in; may be empty.
};

/// What the error of the load does to a ratio. Target and reference of one lane (two strips of a
/// membrane, or stripped and probed again) hold one load, whose error is common to both: it
/// cancels. On parallel membranes the lysate is common and was pipetted twice. Over the load
/// itself, from the protein assay, its error enters whole.
enum class LoadError { cancels, pipetting, whole };
[[nodiscard]] std::string_view name(LoadError error);

/// Target over reference of one lane. The interval is that of the two volumes and of what
/// `load_error` adds.
struct Ratio {
  std::string target, reference;  ///< Antibodies.
  std::string image, membrane, sample, line, drug;
  int lane = 0;
  double dose_nM = unknown, time_h = unknown;
  Estimated ratio;
  LoadError load_error = LoadError::cancels;
};

/// Is the target off at this dose?
enum class Call { suppressed, not_suppressed, inconclusive, cannot_say };
[[nodiscard]] std::string_view name(Call call);

/// The ratio of one treatment over another, joined over lanes and membranes on the log scale.
struct Fold {
  std::string target, reference, line, drug;
  double dose_nM = unknown, time_h = unknown;
  std::string against;  ///< "no drug", "time 0", or the line it is compared with.
  Estimated fold;
  double p_suppressed = unknown;  ///< That the fold is below the declared level.
  double p_maintained = unknown;  ///< That it is above the level declared for that.
  Call call = Call::cannot_say;
  int lanes = 0, membranes = 0;
};

/// The dose at which target over reference is half of that without drug.
struct DoseSeries {
  std::string target, reference, line, drug;
  int doses = 0;
  Estimated ic50_nM;
};

/// Target over reference against time 0 in one treatment.
struct TimeCourse {
  std::string target, reference, line, drug;
  double dose_nM = unknown;
  struct Point {
    double time_h = unknown;
    Estimated fold;
    int lanes = 0;
  };
  std::vector<Point> points;  ///< Without time 0, ascending.
  /// When half of time 0 is left, and when half is back after that: on straight lines between the
  /// log folds, with the times at which half lies within their interval.
  Estimated half_life_h, return_h;
};

/// Where a treatment leaves the signal: how a resistant line escapes is read from this.
enum class Mechanism {
  on_target_like,  ///< The target itself is on.
  bypass_like,     ///< The target is off, and something downstream of it is maintained.
  both_off,        ///< The target is off, and all that is downstream with it: no escape is seen.
  undecided,
};
[[nodiscard]] std::string_view name(Mechanism mechanism);

/// One treatment: target, and what was declared to lie downstream of it.
struct MechanismReading {
  std::string target, reference, line, drug;
  double dose_nM = unknown, time_h = unknown;
  struct Downstream {
    std::string target, reference;
    Estimated fold;
    double p_maintained;
  };
  std::vector<Downstream> downstream;
  double p_target_off = unknown;
  /// Of the three, by the probabilities of the parts. Of two parts that belong together the least
  /// that any dependence between them leaves (Frechet): p + q - 1.
  double p_on_target = unknown, p_bypass = unknown, p_both_off = unknown;
  Mechanism mechanism = Mechanism::undecided;
};

/// Up to which signal a probe shows the load, from a dilution series of one lysate.
struct LinearRange {
  std::string antibody, image;
  int loads = 0;
  double lowest_ug = unknown, highest_ug = unknown;
  double lowest_counts = unknown;  ///< The smallest signal of the series.
  /// The largest signal that is proportional: a tenth is lost there where signals saturate, or the
  /// largest of the series where they do not.
  Estimated highest_counts;
  Estimated slope;         ///< Of log signal against log load: 1 is proportional.
  bool saturates = false;  ///< signal = c load / (1 + c load / s) has the smaller AICc.
};

struct RatioOptions {
  double level = 0.95;
  /// "TARGET/REFERENCE" antibodies. Empty: names that differ by a leading "p" or "phospho"; else,
  /// of two antibodies, the first over the second. The reference "load" is the loading table.
  std::vector<std::string> ratios;
  struct Pair {
    std::string line, against;
  };
  std::vector<Pair> pairs;  ///< Lines compared with each other at the same drug and dose.
  /// Suppressed: less than this share of the target's signal is left. Declared before the data are
  /// seen; a quarter is what immunoblots tell from a half with three repeats.
  double suppressed_below = 0.3;
  /// "TARGET/REFERENCE" that lie downstream of the other ratios: their treatments get a reading.
  std::vector<std::string> downstream;
  /// Maintained: more than this share of the signal is left. Declared before, too.
  double maintained_above = 0.5;
  bool parallel = false;           ///< Target and reference stand on membranes loaded apart.
  double pipetting_percent = 2.0;  ///< Error of loading one lane, SD.
  std::vector<SampleLoad> loads;   ///< From a protein assay; for ratios over "load".
};

struct Estimate {
  std::vector<BlotImage> images;
  std::vector<Ratio> ratios;
  std::vector<Fold> folds;
  std::vector<DoseSeries> series;
  std::vector<TimeCourse> courses;
  std::vector<MechanismReading> readings;
  std::vector<LinearRange> ranges;
  double between_membranes_sd = unknown;  ///< Of log ratios of one treatment, natural log.
  double between_lanes_sd = unknown;      ///< Within a membrane.
  std::vector<std::string> methods, citations;
  Problems problems;  ///< Warnings that touch these results.
};

/// Fills ratios, folds and all that follows from them in `estimate` from its images and the sheet;
/// a dilution series turns volumes above its linear range into bounds. Problems: lanes and images
/// that are not there, antibodies that no strip can be told for; a warning where a band runs far
/// from the mass that was declared.
[[nodiscard]] Problems add_ratios(const LaneSheet& sheet,
                                  const RatioOptions& options,
                                  Estimate& estimate);

}  // namespace kinescape::immunoblot
