// SPDX-License-Identifier: Apache-2.0
/// \file The native exports, one reader a vendor; and the steps that they share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plate/blocks_internal.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::plate {

/// Collects plates and wells of one instrument file.
class InstrumentSet {
 public:
  InstrumentSet(std::string instrument, const Source& source)
      : instrument_(std::move(instrument)), source_(source) {}

  /// Wells added from now on belong to this plate. `format` may grow with the wells.
  void plate(const std::string& name, Format format = {0, 0});
  /// One printed cell. Cells that mean nothing become Problems.
  void add(const Grid& grid,
           std::size_t row,
           std::size_t column,
           Position position,
           const std::string& channel,
           double time_h = unknown);
  /// The whole block, one channel.
  void add(const Grid& grid,
           const Block& block,
           const std::string& channel,
           double time_h = unknown);
  void warn(const Where& where, std::string what, std::string fix);

  [[nodiscard]] bool empty() const { return result_.value.wells.empty(); }
  /// The result; `nothing` is the problem if no well was found.
  [[nodiscard]] Checked<PlateSet> finish(const std::string& nothing);

 private:
  std::string instrument_;
  const Source& source_;
  std::string plate_;
  std::size_t index_ = 0;
  Checked<PlateSet> result_;
};

/// The text after "key" or "key:" in a row whose first filled cell is that key: the rest of the
/// cell, or the next filled cell. Nothing if the row begins otherwise.
[[nodiscard]] std::optional<std::string> value_of(const Grid& grid,
                                                  std::size_t row,
                                                  std::string_view key);
/// The first filled cell of a row.
[[nodiscard]] std::string_view first_cell(const Grid& grid, std::size_t row);
/// Whether some cell in the first `rows` rows begins with `text` (ignoring case).
[[nodiscard]] bool mentions(const Source& source, std::string_view text, std::size_t rows = 80);

/// "0:05:00", "1.02:00:00" (days), "00:30", or a number in `unit` ("s", "h", "" = hours).
[[nodiscard]] std::optional<double> clock_hours(std::string_view text, std::string_view unit);

/// "450" -> "450 nm"; other labels as they are.
[[nodiscard]] std::string channel_name(std::string_view label);

/// A table with a time in each row and a well in each column ("Time", "A1", "A2", ...).
struct TimeTable {
  std::size_t header_row = 0;
  std::size_t time_column = 0;
  std::string time_unit;  ///< From "Time [s]"; "" when the cells are clock times or hours.
  std::vector<std::pair<std::size_t, Position>> wells;  ///< Column of each well.
};
[[nodiscard]] std::optional<TimeTable> time_table_at(const Grid& grid, std::size_t row);
/// Adds its rows; returns the first row after the table.
std::size_t add_time_table(const Grid& grid,
                           const TimeTable& table,
                           const std::string& channel,
                           InstrumentSet& set);

int score_gen5(const Source& source);
Checked<PlateSet> read_gen5(const Source& source, const ReadOptions& options);
int score_softmax(const Source& source);
Checked<PlateSet> read_softmax(const Source& source, const ReadOptions& options);
int score_bmg(const Source& source);
Checked<PlateSet> read_bmg(const Source& source, const ReadOptions& options);
int score_envision(const Source& source);
Checked<PlateSet> read_envision(const Source& source, const ReadOptions& options);
int score_tecan(const Source& source);
Checked<PlateSet> read_tecan(const Source& source, const ReadOptions& options);
int score_incucyte(const Source& source);
Checked<PlateSet> read_incucyte(const Source& source, const ReadOptions& options);
int score_prism(const Source& source);
Checked<PlateSet> read_prism(const Source& source, const ReadOptions& options);
int score_blocks(const Source& source);
Checked<PlateSet> read_block_source(const Source& source, const ReadOptions& options);

}  // namespace kinescape::plate
