// SPDX-License-Identifier: Apache-2.0
/// \file Which doses does a drug of a design file get?
#pragma once

#include <vector>

namespace kinescape {
class TomlReader;
}
namespace kinescape::plate {

/// Doses in nM, lowest first, of a drug's table: `doses_nM`, or `top_dose_nM` with `dilution` (the
/// square root of ten if not said) and `doses` (`usual` if not said). What is wrong with them is
/// reported by the reader.
[[nodiscard]] std::vector<double> read_dose_series(TomlReader& drug, int usual);

}  // namespace kinescape::plate
