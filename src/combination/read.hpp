// SPDX-License-Identifier: Apache-2.0
/// \file From files to blocks: plates of wells with two drugs, long tables of doses and responses,
/// and the tables of SynergyFinder, of the Python package synergy and of Combenefit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/number.hpp"
#include "base/problem.hpp"
#include "combination/block.hpp"
#include "plate/plate.hpp"

namespace kinescape::combination {

/// How to read; what is unset is told from the file, and refused where that would be a guess.
struct ReadOptions {
  std::string response;        ///< Of a column that does not say: "viability", "inhibition".
  std::string scale;           ///< The same: "percent", "fraction".
  std::string dose_unit;       ///< Of dose columns that name none.
  std::string dose_unit_b;     ///< Of the second drug, where another; else dose_unit.
  std::string drug_a, drug_b;  ///< Names for a table that has none.
  std::string line;            ///< Of all wells, when the files do not say.
  std::string repeat;          ///< The same.
  std::string layout;          ///< Plate map for files of raw signals.
  std::string channel;         ///< Of those.
  Decimal decimal = Decimal::unstated;
};

/// Blocks in the order in which their drugs are first met. Problems of all files at once.
///
/// Which wells belong together: a row with two drugs makes a block of its line; rows with one drug
/// or none belong to every block of their line (and plate, where the file names plates) that uses
/// that drug. The same two drugs in the other order are the same block. Blocks of the same drugs
/// and line under different block numbers are repeats.
[[nodiscard]] Checked<std::vector<Block>> read(const std::vector<std::string>& paths,
                                               const ReadOptions& options = {});

/// The same for bytes in memory; `file` is for messages.
[[nodiscard]] Checked<std::vector<Block>> read(std::string_view bytes,
                                               const std::string& file,
                                               const ReadOptions& options = {});

/// Blocks from plates of wells: each plate's signals become viability by its own blank and vehicle
/// wells; the vehicle wells stay, as wells without drug.
[[nodiscard]] Checked<std::vector<Block>> blocks_of(const plate::PlateSet& plates);

/// What is wrong with blocks as an experiment: no single-agent arm, no vehicle, one dose only,
/// effects that cannot be, doses a thousandfold apart.
[[nodiscard]] Problems check(const std::vector<Block>& blocks);

}  // namespace kinescape::combination
