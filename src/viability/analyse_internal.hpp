// SPDX-License-Identifier: Apache-2.0
/// \file One curve from its data to its numbers, with what comparisons need of it.
#pragma once

#include <string>

#include "viability/classify_internal.hpp"
#include "viability/gather_internal.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability {

/// Where a dose-like quantity lies.
enum class Reach { none, exact, above, below };

/// A dose-like quantity, log10 nM, that comparisons take ratios of.
struct Position {
  Reach reach = Reach::none;
  model::Known known;
  double bound = unknown;  ///< log10 nM of the tested dose that bounds it, for above and below.
};

struct Analysed {
  CurveResult result;
  model::Fit fit;
  bool fitted = false;
  Position ic50, absolute, gr50;
  model::Known bottom, slope;   ///< Lower plateau; natural log of the slope.
  bool has_plateaus = false;    ///< bottom and slope mean something.
  bool plateau_reached = true;  ///< The doses go on to where the lower plateau shows.
};

/// Doses that all curves of one drug share, for the AUC; log10 nM.
struct Window {
  double low = unknown, high = unknown;
};

/// The fitted shape and the scores of all candidates; `fit.usable` is false when none converged.
struct Choice {
  model::Fit fit;
  std::vector<ShapeScore> scores;
};
[[nodiscard]] Choice choose_shape(const model::Data& data, const Options& options);

[[nodiscard]] Analysed analyse(const Job& job,
                               const FlatTest& flat,
                               const Window& window,
                               const Options& options);

/// Multiples of the standard error that give the level.
[[nodiscard]] double multiple(double level, double df);

/// Estimated from a known quantity through an increasing map.
struct Scale {
  enum Kind { identity, power10, exponential } kind = identity;
  [[nodiscard]] double operator()(double x) const;
};
[[nodiscard]] Estimated estimated(const model::Known& known,
                                  double level,
                                  Scale scale,
                                  const std::string& method);

/// Traces the profile of a regular quantity as deep as its interval and its comparisons need.
[[nodiscard]] model::Known know(const model::Data& data,
                                const model::Fit& fit,
                                const model::Quantity& quantity,
                                double level,
                                double lowest,
                                double highest);

/// The dose at which the response passes `response_level`, exact or as a bound.
[[nodiscard]] Position position_of_level(const model::Data& data,
                                         const model::Fit& fit,
                                         double response_level,
                                         double level);
[[nodiscard]] Estimated estimated(const Position& position,
                                  double level,
                                  const std::string& method,
                                  const std::string& what);

/// Fills gr50_nM, gr_max, gr_aoc, gr_inf and h_gr, or says why not.
void add_growth(const Job& job,
                const Options& options,
                const std::string& method,
                Analysed& analysed);

/// Points, means, band and repeat curves for the figure.
void add_figure(const Job& job, const Options& options, Analysed& analysed);

/// "3-parameter log-logistic (top = vehicle), profile likelihood"
[[nodiscard]] std::string method_text(const model::Data& data, const model::Fit& fit);
/// The sentence of a curve.
[[nodiscard]] std::string says(const CurveResult& result, const std::string& class_why);
/// "12.3 nM (9.8 to 15.1)", with open ends and bounds in words.
[[nodiscard]] std::string with_interval(const Estimated& e, const std::string& unit);

/// Compares two analysed curves of one drug.
[[nodiscard]] Comparison compare(const Analysed& resistant,
                                 const Analysed& parental,
                                 const Options& options);
/// Adds the adjusted p values, the calls and the sentences, which need all comparisons.
void conclude(std::vector<Comparison>& comparisons, const Options& options);

}  // namespace kinescape::viability
