// SPDX-License-Identifier: Apache-2.0
// Molecular Devices SoftMax Pro: "##BLOCKS= n", then tab-separated blocks that end in "~End".
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

/// Fields of the "Plate:" row, counted from 0.
constexpr std::size_t name_field = 1, layout_field = 3, mode_field = 5, channels_field = 14,
                      wavelengths_field = 15, wells_field = 18;

/// The file by tabs, whatever commas are in it.
Grid by_tabs(const Source& source) {
  Grid grid(source.file, "");
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    std::vector<std::string> cells;
    std::string_view line = source.lines[i];
    while (true) {
      const auto tab = line.find('\t');
      cells.emplace_back(line.substr(0, tab));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    grid.add_row(std::move(cells), i + 1);
  }
  return grid;
}

std::vector<std::string> channels_of(const Grid& grid, std::size_t row) {
  std::vector<std::string> names;
  std::string word;
  for (char c : std::string(grid.at(row, wavelengths_field)) + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      names.push_back(word == "0" ? std::string(grid.at(row, mode_field)) : channel_name(word));
      word.clear();
    }
  }
  if (names.empty()) {
    const auto count = parse_column(grid.at(row, channels_field));
    for (int i = 0; i < (count ? *count + 1 : 1); ++i) {
      names.push_back(std::string(grid.at(row, mode_field)));
    }
  }
  std::map<std::string, int> seen;
  for (std::string& name : names) {
    const int n = ++seen[name];
    if (n > 1) name += " (" + std::to_string(n) + ")";
  }
  return names;
}

/// Columns of a header row by wavelength: plate columns ("1", "2") or wells ("A1").
struct Heading {
  std::vector<std::vector<std::pair<std::size_t, Position>>> channels;
  bool wells = false;
};

std::optional<Heading> heading_of(const Grid& grid, std::size_t row) {
  Heading heading;
  heading.channels.emplace_back();
  for (std::size_t c = 2; c < grid.columns(row); ++c) {
    const auto cell = grid.at(row, c);
    if (cell.empty()) {
      if (!heading.channels.back().empty()) heading.channels.emplace_back();
      continue;
    }
    if (const auto well = parse_position(cell)) {
      heading.wells = true;
      heading.channels.back().emplace_back(c, *well);
    } else if (const auto column = parse_column(cell)) {
      heading.channels.back().emplace_back(c, Position{0, *column});
    } else {
      return std::nullopt;
    }
  }
  while (!heading.channels.empty() && heading.channels.back().empty()) heading.channels.pop_back();
  if (heading.channels.empty()) return std::nullopt;
  return heading;
}

class SoftMax {
 public:
  explicit SoftMax(const Source& source) : grid_(by_tabs(source)), set_("SoftMax Pro", source) {}

  Checked<PlateSet> read() {
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      if (grid_.at(row, 0) == "Plate:") row = block(row);
    }
    return set_.finish("the SoftMax Pro export holds no plate with values");
  }

 private:
  static bool ends(std::string_view cell) { return cell.starts_with("~End"); }

  /// One "Plate:" block. What follows the second heading is reduced by SoftMax and not read.
  std::size_t block(std::size_t row) {
    const auto wells = parse_number(grid_.at(row, wells_field), Decimal::point);
    const int count = wells.kind == NumberKind::number && wells.value > 0 && wells.value < 2000
                          ? static_cast<int>(wells.value)
                          : 0;
    const Format format = format_with(count).value_or(Format{0, 0});
    set_.plate(std::string(grid_.at(row, name_field)), format);
    const auto channels = channels_of(grid_, row);
    const bool by_time = iequal(grid_.at(row, layout_field), "TimeFormat");
    std::optional<Heading> heading;
    std::size_t channel = 0;
    int plate_row = 0;
    double time = unknown;
    std::size_t r = row + 1;
    for (; r < grid_.rows() && !ends(grid_.at(r, 0)); ++r) {
      if (!heading) {
        heading = heading_of(grid_, r);
        continue;
      }
      if (grid_.blank(r) && grid_.columns(r) <= 2) {
        // The next wavelength of a time table, or the next time of a kinetic.
        if (by_time) ++channel;
        plate_row = 0;
        continue;
      }
      if (repeats(*heading, r)) break;
      if (const auto t = clock_hours(grid_.at(r, 0), "");
          t && grid_.at(r, 0).find(':') != std::string_view::npos) {
        time = *t;
        if (!by_time) plate_row = 0;
      }
      if (by_time && heading->wells) {
        line(*heading, r, 0, channels, channel, time);
      } else {
        line(*heading, r, plate_row++, channels, 0, time);
      }
    }
    while (r < grid_.rows() && !ends(grid_.at(r, 0))) ++r;
    return r;
  }

  /// The heading again, without time and temperature: the reduced values follow.
  [[nodiscard]] bool repeats(const Heading& heading, std::size_t row) const {
    if (!grid_.at(row, 0).empty() || !grid_.at(row, 1).empty()) return false;
    const auto again = heading_of(grid_, row);
    if (!again || again->wells != heading.wells) return false;
    const auto& first = again->channels.front();
    return first.size() >= 2 && first.size() == heading.channels.front().size() &&
           first == heading.channels.front();
  }

  void line(const Heading& heading,
            std::size_t row,
            int plate_row,
            const std::vector<std::string>& channels,
            std::size_t offset,
            double time) {
    if (plate_row >= 32) return;
    for (std::size_t i = 0; i < heading.channels.size(); ++i) {
      const std::size_t at = i + offset;
      const std::string channel =
          at < channels.size() ? channels[at] : "read " + std::to_string(at + 1);
      for (const auto& [column, position] : heading.channels[i]) {
        const Position place = heading.wells ? position : Position{plate_row, position.column};
        set_.add(grid_, row, column, place, channel, time);
      }
    }
  }

  Grid grid_;
  InstrumentSet set_;
};

}  // namespace

int score_softmax(const Source& source) {
  if (source.lines.empty()) return 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, source.lines.size()); ++i) {
    if (trimmed(source.lines[i]).starts_with("##BLOCKS=")) return 100;
  }
  return 0;
}

Checked<PlateSet> read_softmax(const Source& source, const ReadOptions&) {
  return SoftMax(source).read();
}

}  // namespace kinescape::plate
