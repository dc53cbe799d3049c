// SPDX-License-Identifier: Apache-2.0
#include "plate/plate.hpp"

namespace kinescape::plate {

std::string_view name(Role role) {
  switch (role) {
    case Role::sample:
      return "sample";
    case Role::vehicle:
      return "vehicle";
    case Role::blank:
      return "blank";
    case Role::positive:
      return "positive";
    case Role::day0:
      return "day0";
    case Role::unused:
      return "unused";
  }
  return "unused";
}

std::string_view name(Reading reading) {
  switch (reading) {
    case Reading::measured:
      return "measured";
    case Reading::saturated:
      return "saturated";
    case Reading::below:
      return "below";
    case Reading::masked:
      return "masked";
    case Reading::missing:
      return "missing";
  }
  return "missing";
}

}  // namespace kinescape::plate
