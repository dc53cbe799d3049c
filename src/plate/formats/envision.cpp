// SPDX-License-Identifier: Apache-2.0
// PerkinElmer (Revvity) EnVision: for each plate "Plate information", then its results as a block
// with or without letters and numbers at the sides.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

/// EnVision protects text from spreadsheets: ="1050242".
std::string unprotected(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('=')) text.remove_prefix(1);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

/// "A450(1)" -> "A450".
std::string without_number(std::string text) {
  const auto open = text.rfind('(');
  if (text.ends_with(')') && open != std::string::npos && open > 0) text.resize(open);
  return std::string(trimmed(text));
}

struct PlateHead {
  std::string name, label;
  int repeat = 1;
  bool calculated = false;
};

PlateHead head_at(const Grid& grid, std::size_t row) {
  PlateHead head;
  std::string number, barcode;
  const std::size_t titles = row + 1 < grid.rows() ? grid.columns(row + 1) : 0;  // cut short: none
  for (std::size_t c = 0; c < titles; ++c) {
    const auto title = grid.at(row + 1, c);
    const std::string value = unprotected(grid.at(row + 2, c));
    if (iequal(title, "Plate")) number = value;
    if (iequal(title, "Barcode")) barcode = value;
    if (iequal(title, "Label")) head.label = without_number(value);
    if (iequal(title, "Formula")) head.calculated = true;
    if (iequal(title, "Repeat")) head.repeat = parse_column(value).value_or(0) + 1;
  }
  head.name = barcode.empty() ? "Plate " + number : barcode;
  return head;
}

/// Values without letters and numbers: as many rows as a plate has, all of them wide enough.
std::optional<Block> bare_block(const Grid& grid, std::size_t row) {
  std::size_t rows = 0;
  while (row + rows < grid.rows() && rows < 33 && grid.columns(row + rows) >= 3) {
    for (std::size_t c = 0; c < grid.columns(row + rows); ++c) {
      const auto cell = grid.at(row + rows, c);
      if (!read_signal(cell, Decimal::point, Printer::instrument).understood) return std::nullopt;
    }
    ++rows;
  }
  const auto format = smallest_format(static_cast<int>(rows), 1);
  if (!format || format->rows != static_cast<int>(rows)) return std::nullopt;
  Block block;
  block.columns = format->columns;
  for (std::size_t r = 0; r < rows; ++r) block.rows.push_back({row + r, static_cast<int>(r)});
  return block;
}

class EnVision {
 public:
  EnVision(const Source& source, const ReadOptions& options)
      : options_(options), set_("PerkinElmer EnVision", source) {}

  void read(const Grid& grid) {
    const auto blocks = find_blocks(grid);
    std::size_t next = 0;
    std::optional<PlateHead> head;
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      if (next < blocks.size() && blocks[next].header_row == row) {
        if (head) labelled(grid, blocks[next], *head);
        row = blocks[next++].rows.back().grid_row;
      } else if (iequal(first_cell(grid, row), "Plate information")) {
        head = head_at(grid, row);
        row += 2;
      } else if (iequal(first_cell(grid, row), "Basic assay information")) {
        head.reset();
      } else if (head && !titled(grid, row)) {
        if (const auto bare = bare_block(grid, row)) {
          unlabelled(grid, *bare, *head);
          row = bare->rows.back().grid_row;
        }
      }
    }
  }

  Checked<PlateSet> finish() {
    return set_.finish("the EnVision export holds no results of a plate");
  }

 private:
  static bool titled(const Grid& grid, std::size_t row) {
    const auto cell = first_cell(grid, row);
    return grid.columns(row) < 3 ||
           (!cell.empty() && !read_signal(cell, Decimal::point, Printer::instrument).understood);
  }

  [[nodiscard]] std::string channel_of(const PlateHead& head) const {
    std::string channel = head.label;
    if (head.repeat > 1) channel += " (repeat " + std::to_string(head.repeat) + ")";
    return channel;
  }

  void labelled(const Grid& grid, const Block& block, const PlateHead& head) {
    const bool calculated = head.calculated || block.title.starts_with("Calculated results");
    const std::string title = calculated ? block.title : channel_of(head);
    if (calculated && !iequal(options_.channel, title)) {
      set_.warn(
          grid.where(block.header_row),
          "\"" + printable(block.title, 80) + "\" was not read",
          "The measured results are analysed; name these as the channel to read them instead.");
      return;
    }
    set_.plate(head.name, block.format());
    set_.add(grid, block, title);
  }

  /// Cell (r, 0) is A1 when there is no column of letters.
  void unlabelled(const Grid& grid, const Block& block, const PlateHead& head) {
    set_.plate(head.name, block.format());
    for (const BlockRow& row : block.rows) {
      for (int c = 0; c < block.columns; ++c) {
        set_.add(
            grid, row.grid_row, static_cast<std::size_t>(c), {row.plate_row, c}, channel_of(head));
      }
    }
  }

  const ReadOptions& options_;
  InstrumentSet set_;
};

}  // namespace

int score_envision(const Source& source) {
  for (const Grid& grid : source.grids) {
    for (std::size_t row = 0; row + 1 < std::min<std::size_t>(20, grid.rows()); ++row) {
      if (!iequal(first_cell(grid, row), "Plate information")) continue;
      if (iequal(grid.at(row + 1, 0), "Plate")) return 100;
    }
  }
  return 0;
}

Checked<PlateSet> read_envision(const Source& source, const ReadOptions& options) {
  EnVision reader(source, options);
  for (const Grid& grid : source.grids) reader.read(grid);
  return reader.finish();
}

}  // namespace kinescape::plate
