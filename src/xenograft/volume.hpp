// SPDX-License-Identifier: Apache-2.0
/// \file How large is a tumour of these diameters? The formulas in use, each by its name.
#pragma once

#include <optional>
#include <string_view>

namespace kinescape::xenograft {

enum class VolumeFormula {
  half_length_width2,             ///< L W^2 / 2 (Euhus 1986; Tomayko & Reynolds 1989).
  ellipsoid_length_width2,        ///< pi/6 L W^2: height taken equal to width.
  ellipsoid_length_width_height,  ///< pi/6 L W H.
  half_length_width_height,       ///< L W H / 2.
  ellipsoid_mean_diameter,        ///< pi/6 (L W)^(3/2) (Feldman et al. 2009).
};

[[nodiscard]] std::string_view name(VolumeFormula formula);   ///< "half_length_width2", ...
[[nodiscard]] std::string_view words(VolumeFormula formula);  ///< "length x width^2 / 2", ...
[[nodiscard]] std::optional<VolumeFormula> parse_volume_formula(std::string_view text);
[[nodiscard]] bool needs_height(VolumeFormula formula);

/// mm^3 from mm; NaN where a diameter that the formula needs is NaN. Feldman et al. 2009
/// (J Appl Math Stat 2009) and Tomayko & Reynolds 1989 (doi:10.1007/BF00300234) compare them.
[[nodiscard]] double volume_mm3(VolumeFormula formula,
                                double length_mm,
                                double width_mm,
                                double height_mm);

}  // namespace kinescape::xenograft
