// SPDX-License-Identifier: Apache-2.0
#include "base/estimated.hpp"

namespace kinescape {

std::string_view name(Relation relation) {
  switch (relation) {
    case Relation::equal:
      return "=";
    case Relation::less:
      return "<";
    case Relation::greater:
      return ">";
  }
  return "=";
}

std::string_view name(Status status) {
  switch (status) {
    case Status::not_run:
      return "not_run";
    case Status::ok:
      return "ok";
    case Status::interval_open_low:
      return "interval_open_low";
    case Status::interval_open_high:
      return "interval_open_high";
    case Status::interval_open:
      return "interval_open";
    case Status::below_lowest_dose:
      return "below_lowest_dose";
    case Status::above_highest_dose:
      return "above_highest_dose";
    case Status::no_response:
      return "no_response";
    case Status::non_monotone:
      return "non_monotone";
    case Status::too_few_data:
      return "too_few_data";
    case Status::single_repeat:
      return "single_repeat";
    case Status::not_reached:
      return "not_reached";
    case Status::no_events:
      return "no_events";
    case Status::separated:
      return "separated";
    case Status::single_subject:
      return "single_subject";
    case Status::not_applicable:
      return "not_applicable";
    case Status::not_identifiable:
      return "not_identifiable";
    case Status::failed:
      return "failed";
  }
  return "not_run";
}

}  // namespace kinescape
