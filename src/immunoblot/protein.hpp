// SPDX-License-Identifier: Apache-2.0
/// \file How much protein is in each lysate, and how much of it goes into a lane? BCA and Bradford
/// plates: a standard curve, read backwards with an honest interval.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"

namespace kinescape::immunoblot {

/// One well. Standards have a concentration, samples a name; blanks neither.
struct ProteinWell {
  enum class Role { standard, sample, blank } role = Role::sample;
  std::string sample;                        ///< Of a sample, or the standard's name.
  double concentration_ug_per_ml = unknown;  ///< Of a standard.
  double dilution = 1.0;                     ///< The lysate was diluted this many times.
  double absorbance = unknown;
  std::size_t line = 0;
};

struct ProteinPlate {
  std::string file;
  std::vector<ProteinWell> wells;
};

enum class ProteinCurve { linear, quadratic, logistic4, logistic5 };
[[nodiscard]] std::string_view name(ProteinCurve curve);

struct ProteinOptions {
  double level = 0.95;
  double load_ug = unknown;        ///< Protein for each lane; NaN: no loading table.
  double volume_ul = 20.0;         ///< Of a loaded lane, sample buffer and all.
  double buffer_fold = 4.0;        ///< Sample buffer comes this many times concentrated.
  double pipetting_percent = 2.0;  ///< Error of one pipetting step, SD.
  std::string curve;               ///< "linear", "quadratic", "4pl", "5pl"; empty: chosen by AICc.
  bool constant_variance = false;  ///< Else AICc chooses whether it rises with the absorbance.
};

struct CurveScore {
  ProteinCurve curve = ProteinCurve::linear;
  double aicc = unknown, residual_sd = unknown;
  bool chosen = false;
  std::vector<double> parameters;  ///< Absorbance (net of blank) against ug/ml; see the docs.
};

struct SampleResult {
  std::string sample;
  double dilution = 1.0;
  double mean_absorbance = unknown;  ///< Net of blank.
  int wells = 0;
  bool outside_standards = false;
  Estimated concentration_ug_per_ml;  ///< Of the undiluted lysate.
  Estimated lysate_ul, load_ug;       ///< For equal loads; not_applicable without load_ug.
  double buffer_ul = unknown, water_ul = unknown;
};

struct ProteinResult {
  double blank = unknown;  ///< Mean absorbance of blanks, taken away once.
  std::vector<CurveScore> curves;
  double lowest_ug_per_ml = unknown, highest_ug_per_ml = unknown;  ///< Of the standards above 0.
  std::vector<SampleResult> samples;
  struct Point {
    double concentration_ug_per_ml, absorbance;
  };
  std::vector<Point> standards;
  std::vector<std::string> methods, citations;
};

/// A tidy table: `role` (standard, sample, blank), `sample`, `concentration_ug_per_ml`, `dilution`,
/// `absorbance`; spellings people use are accepted. CSV or XLSX bytes.
[[nodiscard]] Checked<ProteinPlate> read_protein(std::string_view bytes, const std::string& file);

/// What a loading table says was put into the lanes of a sample.
struct SampleLoad {
  std::string sample;
  Estimated load_ug;
};

/// A loading table as `protein -o` writes it: columns `sample`, `load_ug`, `load_low_ug`,
/// `load_high_ug`. Rows without a load are left out.
[[nodiscard]] Checked<std::vector<SampleLoad>> read_loading(std::string_view bytes,
                                                            const std::string& file);

/// Problems: fewer than three standards, or absorbances that do not rise with them.
[[nodiscard]] Checked<ProteinResult> estimate_protein(const ProteinPlate& plate,
                                                      const ProteinOptions& options = {});

}  // namespace kinescape::immunoblot
