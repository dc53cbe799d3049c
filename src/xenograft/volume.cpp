// SPDX-License-Identifier: Apache-2.0
#include "xenograft/volume.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace kinescape::xenograft {
namespace {

constexpr std::array all = {VolumeFormula::half_length_width2,
                            VolumeFormula::ellipsoid_length_width2,
                            VolumeFormula::ellipsoid_length_width_height,
                            VolumeFormula::half_length_width_height,
                            VolumeFormula::ellipsoid_mean_diameter};

}  // namespace

std::string_view name(VolumeFormula formula) {
  switch (formula) {
    case VolumeFormula::half_length_width2:
      return "half_length_width2";
    case VolumeFormula::ellipsoid_length_width2:
      return "ellipsoid_length_width2";
    case VolumeFormula::ellipsoid_length_width_height:
      return "ellipsoid_length_width_height";
    case VolumeFormula::half_length_width_height:
      return "half_length_width_height";
    case VolumeFormula::ellipsoid_mean_diameter:
      return "ellipsoid_mean_diameter";
  }
  return "";
}

std::string_view words(VolumeFormula formula) {
  switch (formula) {
    case VolumeFormula::half_length_width2:
      return "length x width^2 / 2";
    case VolumeFormula::ellipsoid_length_width2:
      return "pi/6 x length x width^2";
    case VolumeFormula::ellipsoid_length_width_height:
      return "pi/6 x length x width x height";
    case VolumeFormula::half_length_width_height:
      return "length x width x height / 2";
    case VolumeFormula::ellipsoid_mean_diameter:
      return "pi/6 x (length x width)^(3/2)";
  }
  return "";
}

std::optional<VolumeFormula> parse_volume_formula(std::string_view text) {
  for (const VolumeFormula f : all)
    if (text == name(f)) return f;
  return std::nullopt;
}

bool needs_height(VolumeFormula formula) {
  return formula == VolumeFormula::ellipsoid_length_width_height ||
         formula == VolumeFormula::half_length_width_height;
}

double volume_mm3(VolumeFormula formula, double l, double w, double h) {
  constexpr double sixth = std::numbers::pi / 6.0;
  switch (formula) {
    case VolumeFormula::half_length_width2:
      return 0.5 * l * w * w;
    case VolumeFormula::ellipsoid_length_width2:
      return sixth * l * w * w;
    case VolumeFormula::ellipsoid_length_width_height:
      return sixth * l * w * h;
    case VolumeFormula::half_length_width_height:
      return 0.5 * l * w * h;
    case VolumeFormula::ellipsoid_mean_diameter:
      return sixth * std::pow(l * w, 1.5);
  }
  return std::nan("");
}

}  // namespace kinescape::xenograft
