// SPDX-License-Identifier: Apache-2.0
/// \file One measured value with its drugs, and how values become blocks.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"
#include "combination/read.hpp"

namespace kinescape::combination {

struct Row {
  std::string line, group, repeat;  ///< group: a plate or block number; wells of others are apart.
  std::array<std::string, most_drugs> drug;
  std::array<double, most_drugs> dose_nM{};
  double viability = unknown;
};

struct Rows {
  std::vector<Row> rows;
  bool repeats_named = false;
  bool groups_are_blocks = false;  ///< Numbered matrices rather than plates.
  int excluded = 0;
};

/// Sorts rows into blocks.
[[nodiscard]] Checked<std::vector<Block>> assemble(const Rows& rows, const std::string& file);

/// No drug dissolves to more than 1 M.
constexpr double most_dose_nM = 1e9;
[[nodiscard]] Problem undissolved(Where where, double dose_nM);

/// A long table: nothing if `grid` is not one.
[[nodiscard]] std::optional<Checked<Rows>> read_long(const Grid& grid, const ReadOptions& options);

/// A matrix with doses along its edges: nothing if `grid` is not one.
[[nodiscard]] std::optional<Checked<Rows>> read_matrix(const Grid& grid,
                                                       const ReadOptions& options);

/// How values of a column become viability, once direction and scale are known.
struct Scale {
  bool inhibition = false;
  double unit = 1.0;
  [[nodiscard]] double viability(double v) const { return inhibition ? 1.0 - unit * v : unit * v; }
};

/// What the values mean: from the title, from the options, or from values that leave no choice.
/// Adds an error where it is not known, and a warning where the values settled it.
struct Meaning {
  std::string direction, unit;  ///< "viability" | "inhibition" | ""; "percent" | "fraction" | "".
};
[[nodiscard]] Scale settle_scale(Meaning title,
                                 const ReadOptions& options,
                                 const std::vector<double>& vehicles,
                                 const std::vector<double>& all,
                                 const Where& where,
                                 const std::string& column,
                                 Problems& problems);

}  // namespace kinescape::combination
