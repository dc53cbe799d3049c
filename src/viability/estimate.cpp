// SPDX-License-Identifier: Apache-2.0
#include "viability/estimate.hpp"

namespace kinescape::viability {

std::string_view name(CurveClass c) {
  switch (c) {
    case CurveClass::identified:
      return "identified";
    case CurveClass::below_lowest:
      return "below_lowest_dose";
    case CurveClass::above_highest:
      return "above_highest_dose";
    case CurveClass::flat:
      return "flat";
    case CurveClass::non_monotone:
      return "non_monotone";
    case CurveClass::failed:
      return "failed";
  }
  return "failed";
}

std::string_view name(ResistanceCall call) {
  switch (call) {
    case ResistanceCall::resistant:
      return "resistant";
    case ResistanceCall::not_resistant:
      return "not_resistant";
    case ResistanceCall::restored:
      return "restored";
    case ResistanceCall::undecided:
      return "undecided";
    case ResistanceCall::not_assessed:
      return "not_assessed";
  }
  return "not_assessed";
}

}  // namespace kinescape::viability
