// SPDX-License-Identifier: Apache-2.0
// Tecan i-control, SparkControl and Magellan workbooks: rows of settings, then blocks with "<>" in
// the corner, or cycles of a kinetic with wells as rows or as columns.
#include <algorithm>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

class Tecan {
 public:
  Tecan(const Source& source, bool several_sheets)
      : set_("Tecan", source), stem_(file_stem(source.file)), several_(several_sheets) {}

  void read(const Grid& grid) {
    const auto blocks = find_blocks(grid);
    std::size_t next = 0;
    label_.clear();
    wavelength_.clear();
    named_ = false;
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      const bool block = next < blocks.size() && blocks[next].header_row == row;
      if (!named_ && (block || iequal(first_cell(grid, row), "Cycle Nr."))) {
        set_.plate(several_ && !grid.sheet().empty() ? grid.sheet() : stem_);
        named_ = true;
      }
      if (block) {
        set_.add(grid, blocks[next], channel());
        row = blocks[next++].rows.back().grid_row;
      } else if (iequal(first_cell(grid, row), "Cycle Nr.")) {
        row = cycles(grid, row);
      } else {
        settings(grid, row);
      }
    }
  }

  Checked<PlateSet> finish() { return set_.finish("the Tecan export holds no block of wells"); }

 private:
  [[nodiscard]] std::string channel() const {
    return wavelength_.empty() ? label_ : wavelength_ + " nm";
  }

  void settings(const Grid& grid, std::size_t row) {
    if (const auto label = value_of(grid, row, "Label")) {
      label_ = *label;
      wavelength_.clear();
    } else if (const auto id = value_of(grid, row, "Plate-ID (Stacker)"); id && !id->empty()) {
      set_.plate(*id);
      named_ = true;
    } else if (const auto name = value_of(grid, row, "Name"); name && grid.columns(row) > 1) {
      if (!name->empty()) label_ = *name;
    }
    for (const char* key : {"Measurement wavelength", "Wavelength"}) {
      if (const auto nm = value_of(grid, row, key); nm && !nm->empty()) {
        const auto number = parse_amount(*nm, Decimal::point);
        const auto plain = parse_number(nm->substr(0, nm->find(' ')), Decimal::point);
        if (number) wavelength_ = exact(number->value);
        if (!number && plain.kind == NumberKind::number) wavelength_ = exact(plain.value);
      }
    }
  }

  /// Wells as columns of a time table, or as rows under "Cycle Nr.", "Time [s]", "Temp. [°C]".
  std::size_t cycles(const Grid& grid, std::size_t row) {
    if (const auto table = time_table_at(grid, row)) {
      return add_time_table(grid, *table, channel(), set_) - 1;
    }
    std::size_t label_column = 0;
    while (grid.at(row, label_column).empty()) ++label_column;
    std::vector<double> times;
    std::size_t r = row + 1;
    for (; r < grid.rows() && !grid.blank(r); ++r) {
      const auto name = grid.at(r, label_column);
      const auto position = parse_position(name);
      if (!position) {
        read_times(grid, r, label_column, times);
        continue;
      }
      for (std::size_t i = 0; i < times.size(); ++i) {
        set_.add(grid, r, label_column + 1 + i, *position, channel(), times[i]);
      }
    }
    return r - 1;
  }

  static void read_times(const Grid& grid,
                         std::size_t row,
                         std::size_t label_column,
                         std::vector<double>& times) {
    const auto name = grid.at(row, label_column);
    if (name.size() < 4 || !iequal(name.substr(0, 4), "Time")) return;
    const auto open = name.find('[');
    std::string unit = "s";
    if (open != std::string_view::npos) {
      const std::string inside(name.substr(open + 1, name.find(']') - open - 1));
      if (hours_per(inside)) unit = inside;
    }
    for (std::size_t c = label_column + 1; c < grid.columns(row); ++c) {
      const auto time = clock_hours(grid.at(row, c), unit);
      if (!time) break;
      times.push_back(*time);
    }
  }

  InstrumentSet set_;
  std::string stem_, label_, wavelength_;
  bool several_;
  bool named_ = false;
};

bool holds_wells(const Grid& grid) {
  if (!find_blocks(grid).empty()) return true;
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    if (iequal(first_cell(grid, row), "Cycle Nr.")) return true;
  }
  return false;
}

}  // namespace

int score_tecan(const Source& source) {
  for (const char* sign : {"Application: Tecan i-control",
                           "Tecan i-control",
                           "Application: SparkControl",
                           "Device: Spark",
                           "Device: infinite",
                           "Tecan Magellan",
                           "Application: Magellan"}) {
    if (mentions(source, sign, 30)) return 100;
  }
  const bool spark = mentions(source, "Method name", 30) && mentions(source, "Device", 30) &&
                     mentions(source, "<>", 400);
  return spark ? 90 : 0;
}

Checked<PlateSet> read_tecan(const Source& source, const ReadOptions&) {
  const auto with_wells = std::count_if(source.grids.begin(), source.grids.end(), holds_wells);
  Tecan reader(source, with_wells > 1);
  for (const Grid& grid : source.grids) reader.read(grid);
  return reader.finish();
}

}  // namespace kinescape::plate
