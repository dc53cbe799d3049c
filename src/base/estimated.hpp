// SPDX-License-Identifier: Apache-2.0
/// \file How large is it, how sure is that, and from how many? The one form of every estimate.
///
/// A number that a scientist will act on never travels alone: it carries its interval, its n, its
/// method, and a status that says why when there is none.
#pragma once

#include <limits>
#include <string>
#include <string_view>

namespace kinescape {

/// A number that is not known. Every estimate starts here, never at zero.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

enum class Relation {
  equal,    ///< `value` is the estimate.
  less,     ///< The truth is below `value`, which is a bound.
  greater,  ///< The truth is above `value`, which is a bound.
};

/// Why a result is what it is. `ok` is the only status with an exact value and a closed interval.
enum class Status {
  not_run,
  ok,
  interval_open_low,   ///< Estimated, but the data set no lower end.
  interval_open_high,  ///< Estimated, but the data set no upper end.
  interval_open,       ///< Estimated, but the data set neither end.
  below_lowest_dose,   ///< Bound only: the response is past the level at the lowest dose already.
  above_highest_dose,  ///< Bound only: the level is not reached at the highest dose.
  no_response,         ///< Flat: there is no curve to take a number from.
  non_monotone,        ///< The curve turns; a single such number would mislead.
  too_few_data,
  single_repeat,   ///< One biological repeat: the interval holds technical error only.
  not_reached,     ///< Too few events for this number: the curve never gets there.
  no_events,       ///< Nothing happened to anybody: no rate and no comparison.
  separated,       ///< One group has all the events: the ratio is without a finite estimate.
  single_subject,  ///< One subject a group: its spread is unknown, so nothing is inferred.
  not_applicable,
  not_identifiable,  ///< The design cannot tell: `why` says what was never seen.
  failed,            ///< The fit did not converge; `why` says how.
};

[[nodiscard]] std::string_view name(Relation relation);  ///< "=", "<" or ">"
[[nodiscard]] std::string_view name(Status status);      ///< snake_case, as in the JSON contract

/// One estimated quantity. Its unit is in the name of the field that holds it.
/// relation != equal: `value` is the bound and the open end of the interval is NaN.
/// No answer: `value` is NaN and `status`/`why` say why. An open interval end is NaN.
struct Estimated {
  double value = unknown;
  double low = unknown;
  double high = unknown;
  double level = 0.95;
  Relation relation = Relation::equal;
  Status status = Status::not_run;
  int n = 0;           ///< Biological repeats (not wells).
  std::string method;  ///< "4-parameter log-logistic, profile likelihood"
  std::string why;     ///< One sentence when status is not ok, for a reader who was not there.

  [[nodiscard]] bool exact() const { return relation == Relation::equal && value == value; }
};

/// The same estimate on another scale: `f` must be increasing (10^x, x * unit).
template <class F>
[[nodiscard]] Estimated mapped(Estimated e, F f) {
  e.value = f(e.value);
  e.low = f(e.low);
  e.high = f(e.high);
  return e;
}

}  // namespace kinescape
