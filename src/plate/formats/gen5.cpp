// SPDX-License-Identifier: Apache-2.0
// BioTek Gen5: key-value rows, then matrices whose rows end in the name of the read.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

struct Line {
  std::size_t row = 0;
  int plate_row = 0;
  std::string label;
};

/// "abs450:450" -> "450 nm", "LUM:Lum" -> "Lum".
std::string channel_of(const std::string& label) {
  const auto colon = label.rfind(':');
  return channel_name(colon == std::string::npos ? label : label.substr(colon + 1));
}

class Gen5 {
 public:
  Gen5(const Source& source, const ReadOptions& options)
      : options_(options), set_("BioTek Gen5", source), stem_(file_stem(source.file)) {}

  void read(const Grid& grid) {
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      if (grid.blank(row)) continue;
      if (const auto number = value_of(grid, row, "Plate Number")) {
        set_.plate(number->empty() ? stem_ : *number);
        layout_ = false;
      } else if (iequal(first_cell(grid, row), "Layout")) {
        layout_ = true;
      } else if (iequal(first_cell(grid, row), "Results")) {
        layout_ = false;
      } else if (const auto table = time_table_at(grid, row)) {
        const std::string title = row > 0 ? std::string(title_above(grid, row)) : "";
        row = add_time_table(grid, *table, channel_of(title), set_) - 1;
      } else if (const auto width = header_width(grid, row)) {
        row = matrix(grid, row, width->first, width->second);
      } else if (row + 1 < grid.rows()) {
        title_ = std::string(first_cell(grid, row));
      }
    }
  }

  Checked<PlateSet> finish() {
    if (!calculated_.empty()) {
      std::string names;
      for (const auto& name : calculated_) names += (names.empty() ? "" : ", ") + name;
      set_.warn(calculated_at_,
                "results that Gen5 calculated were not read: " + names,
                "The raw reads are analysed; name a result as the channel to read it instead.");
    }
    return set_.finish("the Gen5 export holds no matrix of results");
  }

 private:
  static std::string_view title_above(const Grid& grid, std::size_t row) {
    for (std::size_t up = 1; up <= 2 && up <= row; ++up) {
      if (const auto text = first_cell(grid, row - up); !text.empty()) return text;
    }
    return {};
  }

  /// (label column, number of plate columns) of a row that counts 1, 2, 3, ...
  static std::optional<std::pair<std::size_t, int>> header_width(const Grid& grid,
                                                                 std::size_t row) {
    std::size_t c = 0;
    while (c < grid.columns(row) && grid.at(row, c).empty()) ++c;
    if (c == 0) return std::nullopt;
    int count = 0;
    while (parse_column(grid.at(row, c + static_cast<std::size_t>(count))) == count) ++count;
    if (count < 2 || !parse_row(grid.at(row + 1, c - 1))) return std::nullopt;
    return std::pair{c - 1, count};
  }

  /// Rows of the matrix: a labelled row, then further reads of the same wells without a letter.
  std::size_t matrix(const Grid& grid, std::size_t header, std::size_t label_column, int columns) {
    std::vector<Line> lines;
    std::size_t row = header + 1;
    const std::size_t last = label_column + static_cast<std::size_t>(columns) + 1;
    for (; row < grid.rows() && !grid.blank(row); ++row) {
      const auto letter = grid.at(row, label_column);
      const auto plate_row = parse_row(letter);
      const bool further = letter.empty() && !lines.empty();
      if (!plate_row && !further) break;
      if (plate_row && !lines.empty() && *plate_row <= lines.back().plate_row) break;
      lines.push_back(
          {row, plate_row ? *plate_row : lines.back().plate_row, std::string(grid.at(row, last))});
    }
    if (!layout_) add(grid, lines, label_column, columns);
    return row - 1;
  }

  void add(const Grid& grid,
           const std::vector<Line>& lines,
           std::size_t label_column,
           int columns) {
    const bool raw_named = std::any_of(lines.begin(), lines.end(), [](const Line& line) {
      return line.label.find(':') != std::string::npos;
    });
    for (const Line& line : lines) {
      std::string label = line.label.empty() ? title_ : line.label;
      if (iequal(label, "Results")) label.clear();
      const std::string channel = channel_of(label);
      const bool asked = !options_.channel.empty() && iequal(options_.channel, channel);
      if (raw_named && line.label.find(':') == std::string::npos && !asked) {
        if (calculated_.empty()) calculated_at_ = grid.where(line.row);
        calculated_.insert(label.empty() ? "(no name)" : label);
        continue;
      }
      for (int c = 0; c < columns; ++c) {
        set_.add(grid,
                 line.row,
                 label_column + 1 + static_cast<std::size_t>(c),
                 {line.plate_row, c},
                 channel);
      }
    }
  }

  const ReadOptions& options_;
  InstrumentSet set_;
  std::string stem_, title_;
  bool layout_ = false;
  std::set<std::string> calculated_;
  Where calculated_at_;
};

}  // namespace

int score_gen5(const Source& source) {
  if (!mentions(source, "Software Version")) return 0;
  const bool named = mentions(source, "Procedure Details") || mentions(source, "Reader Type") ||
                     mentions(source, "Plate Number") || mentions(source, "Protocol File Path");
  return named ? 100 : 0;
}

Checked<PlateSet> read_gen5(const Source& source, const ReadOptions& options) {
  Gen5 reader(source, options);
  for (const Grid& grid : source.grids) reader.read(grid);
  return reader.finish();
}

}  // namespace kinescape::plate
