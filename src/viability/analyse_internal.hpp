// SPDX-License-Identifier: Apache-2.0
/// \file One curve from its data to its numbers, with what comparisons need of it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "viability/classify_internal.hpp"
#include "viability/gather_internal.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability {

inline constexpr const char* midpoint_name = "midpoint";
/// Profiles of the lower plateau end at the bound of its fit.
inline constexpr double lowest_plateau = -0.1 + 1e-6;

/// What is known of the quantities of one curve, by name. The first time a name is asked for, its
/// variance is taken from the curve's own repeats and nothing is traced; after the variances were
/// shared between the curves of the experiment, the same questions give the profiles.
struct Knowledge {
  std::map<std::string, model::Known> by_name;
  bool shared = false;
};

/// A fitted curve as questions are put to it.
struct Subject {
  const model::Data& data;
  const model::Fit& fit;
  Knowledge& knowledge;
  double level;
};

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
  Knowledge knowledge;
  std::string class_why;
  model::Theta drawn;  ///< The curve that is shown: it does not level off where the doses end.
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

/// Fits and classifies one curve, and takes the variances of its numbers from its own repeats.
[[nodiscard]] Analysed analyse(const Job& job,
                               const FlatTest& flat,
                               const Window& window,
                               const Options& options);
/// Shares the variances of each number between the curves that have it.
void share(std::vector<Analysed>& all);
/// The numbers, with their intervals, and the figure.
void complete(const Job& job, const Window& window, const Options& options, Analysed& analysed);

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

/// Traces the profile of a quantity as deep as its interval and its comparisons need. `more`: as in
/// model::variances.
[[nodiscard]] model::Known know(const Subject& subject,
                                const std::string& name,
                                const model::Quantity& quantity,
                                double lowest,
                                double highest,
                                std::span<const double> more = {});
/// A dose beyond the tested ones: its profile on the side that the data speak of.
[[nodiscard]] model::Known know_beyond(const Subject& subject, const model::Quantity& quantity);
/// A dose more than three decades from the tested ones is no end of an interval.
void trim(const model::Data& data, model::Known& known);
/// The response at the highest dose stands in for a dose that has no variance of its own: how much
/// more (or less) than the wells say do the repeats vary?
[[nodiscard]] model::Known scaled_by_highest(const Subject& subject);

/// The dose at which the response passes `response_level`, exact or as a bound.
[[nodiscard]] Position position_of_level(const Subject& subject,
                                         const std::string& name,
                                         double response_level,
                                         std::span<const double> more = {});
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

/// Two analysed curves of one drug.
struct Matched {
  const Analysed* resistant = nullptr;
  const Analysed* parental = nullptr;
};
/// Compares each pair; what the pairs' repeats say of their spread is shared between them. Adds the
/// adjusted p values and the calls, which need all comparisons.
[[nodiscard]] std::vector<Comparison> compare(const std::vector<Matched>& pairs,
                                              const Options& options);

}  // namespace kinescape::viability
