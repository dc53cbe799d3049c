// SPDX-License-Identifier: Apache-2.0
/// \file What was measured of one pair (or more) of drugs on one line? Wells with their doses, and
/// the means of the cells of a dose matrix.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/estimated.hpp"

namespace kinescape::combination {

/// More drugs than these in one well are not read.
inline constexpr std::size_t most_drugs = 4;

/// One well: its doses in nM in the order of the block's drugs, its viability (vehicle = 1), and
/// the biological repeat it belongs to (an index into Block::repeats).
struct Well {
  std::array<double, most_drugs> dose_nM{};
  double viability = unknown;
  int repeat = 0;
  bool operator==(const Well&) const = default;
};

/// All wells of one combination on one line, single agents and vehicles among them.
struct Block {
  std::string line;
  std::vector<std::string> drugs;  ///< Two to most_drugs, in the order of the data.
  std::vector<std::string> repeats;
  /// Whether the data named repeats. If not, every well counts as one culture.
  bool repeats_named = false;
  std::vector<Well> wells;
  int excluded_wells = 0;
  /// Highest dose of each drug to advise; NaN: none.
  std::array<double, most_drugs> cap_nM{unknown, unknown, unknown, unknown};
};

/// The means of a dose matrix, of any number of drugs. `axis_nM[k]` holds the doses of drug k,
/// rising, with 0 first; `viability` is row-major with the last drug fastest; NaN: not measured.
struct Surface {
  std::vector<std::vector<double>> axis_nM;
  std::vector<double> viability;
  [[nodiscard]] std::size_t size() const { return viability.size(); }
  /// Index step of drug k.
  [[nodiscard]] std::size_t stride(std::size_t k) const {
    std::size_t step = 1;
    for (std::size_t i = k + 1; i < axis_nM.size(); ++i) step *= axis_nM[i].size();
    return step;
  }
  /// Place of cell `i` on the axis of drug k.
  [[nodiscard]] std::size_t at(std::size_t i, std::size_t k) const {
    return i / stride(k) % axis_nM[k].size();
  }
};

/// The same doses for all repeats: one surface each, of the means over the wells of a repeat, the
/// wells behind each mean, and their sum of squares about it.
struct Cells {
  Surface mean;  ///< Over repeats: the mean of the repeats' means.
  std::vector<std::vector<double>> of_repeat;
  std::vector<std::vector<int>> wells;
  std::vector<std::vector<double>> squares;
  [[nodiscard]] std::size_t repeats() const { return of_repeat.size(); }
};

/// Sorts wells into cells. Doses within a ten-thousandth of each other are one dose, so that a
/// dilution printed with few digits does not split an axis.
[[nodiscard]] Cells cells_of(const Block& block);

/// The mean over those repeats that `keep` names, as Cells::mean is over all.
[[nodiscard]] Surface mean_of(const Cells& cells, const std::vector<bool>& keep);

/// What a well says on another scale of effect: the growth-rate value 2 v^(1/k) - 1 of viability v
/// after k doublings of the untreated cells (Hafner et al. 2016, doi:10.1038/nmeth.3853): 1 is
/// unhindered growth, 0 is stasis. Viability below 1e-6 counts as 1e-6.
[[nodiscard]] double growth_rate_value(double viability, double doublings);

}  // namespace kinescape::combination
