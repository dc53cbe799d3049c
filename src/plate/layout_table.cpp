// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "plate/blocks_internal.hpp"
#include "plate/cells_internal.hpp"
#include "plate/layout_internal.hpp"
#include "plate/problem_internal.hpp"

namespace kinescape::plate {
namespace {

void put(Plan plan,
         const std::string& plate,
         bool implied,
         Layout& layout,
         Problems& problems,
         const Where& where) {
  Well& well = plan.well;
  well.placed = !implied;
  const Position position = well.position;
  if (well.repeat.empty()) well.repeat = plan.replicate;
  PlateMap& map = plate.empty() ? layout.every : layout.plates[plate];
  if (!map.try_emplace(position, std::move(well)).second) {
    problems.push_back(
        error(where, "the layout has well " + name(position) + " twice", "Keep one of them."));
  }
}

/// One row for each well.
void read_table(const Grid& grid,
                const Header& header,
                const ReadOptions& options,
                Layout& layout,
                Problems& problems) {
  append(problems, header.problems);
  PlanRows rows(grid, header, options, false);
  for (std::size_t row = header.row + 1; row < grid.rows(); ++row) {
    if (grid.blank(row) || grid.at(row, 0).starts_with('#')) continue;
    Plan plan = rows.read(row, problems);
    if (!plan.well.placed) continue;
    plan.well.origin = origin_of(grid.where(row));
    const std::string plate = plan.well.plate;
    put(std::move(plan), plate, false, layout, problems, grid.where(row));
  }
}

struct Factor {
  std::string plate;
  std::string title;
};

/// "dose_uM", "drug", or "P1: drug" in front of a block.
std::optional<Factor> factor_of(std::string_view text) {
  if (const auto column = recognise(text)) return Factor{"", std::string(trimmed(text))};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto plate = trimmed(text.substr(0, colon));
  const auto title = trimmed(text.substr(colon + 1));
  if (!recognise(title)) return std::nullopt;
  if (plate.size() > 6 && iequal(plate.substr(0, 6), "plate ")) plate = trimmed(plate.substr(6));
  return Factor{std::string(plate), std::string(title)};
}

/// One rectangle for each factor, named by its corner, the line above it or its sheet.
void read_blocks(const std::vector<Grid>& grids,
                 const ReadOptions& options,
                 Layout& layout,
                 Problems& problems) {
  std::map<std::pair<std::string, Position>, PlanEntry> entries;
  for (const Grid& grid : grids) {
    for (const Block& block : find_blocks(grid)) {
      auto factor = factor_of(block.corner);
      if (!factor) factor = factor_of(block.title);
      if (!factor) factor = factor_of(grid.sheet());
      const Where at = grid.where(block.header_row, block.label_column);
      if (!factor) {
        problems.push_back(
            error(at,
                  "nothing says what this block of the layout holds",
                  "Write line, drug, dose_nM (or _uM), role or repeat in its corner, "
                  "above it, or as the name of its sheet."));
        continue;
      }
      for_each_well(block, [&](Position position, std::size_t row, std::size_t column) {
        const auto text = grid.at(row, column);
        if (text.empty()) return;
        PlanEntry& entry = entries[{factor->plate, position}];
        entry.plate = factor->plate;
        entry.position = position;
        auto where = grid.where(row, column);
        const auto [cell, fresh] =
            entry.cells.try_emplace(factor->title, PlanCell{std::string(text), where});
        if (fresh) return;
        problems.push_back(
            error(std::move(where),
                  "the layout gives \"" + factor->title + "\" of well " + name(position) + " twice",
                  "For several plates, write the plate in front: P1: drug."));
      });
    }
  }
  std::vector<PlanEntry> list;
  for (auto& [key, entry] : entries) list.push_back(std::move(entry));
  add_entries(list, options, layout, problems);
}

/// One row for each plate, with the layout that belongs to it.
void read_manifest(const Grid& grid,
                   const Header& header,
                   const ReadOptions& options,
                   const FileOpener& open_other,
                   Layout& layout,
                   Problems& problems) {
  append(problems, header.problems);
  PlanRows rows(grid, header, options, false);
  const Column& file_column = *header.find(Field::layout_file);
  std::map<std::string, Layout> known;
  for (std::size_t row = header.row + 1; row < grid.rows(); ++row) {
    if (grid.blank(row)) continue;
    const Plan plan = rows.read(row, problems);
    const std::string file(grid.at(row, file_column.index));
    auto at = known.find(file);
    if (at == known.end()) {
      auto bytes = open_other(file);
      append(problems, std::move(bytes.problems));
      Checked<Layout> other;
      if (!bytes.value.empty()) {
        // A manifest that names a manifest would never end.
        other = read_layout(bytes.value, file, options, [&](const std::string& name) {
          Checked<std::string> none;
          none.problems.push_back(error(grid.where(row, file_column.index),
                                        "\"" + printable(name) +
                                            "\" is named by a layout that is "
                                            "itself named by a manifest",
                                        "Name the plates' layouts in one manifest."));
          return none;
        });
      }
      append(problems, std::move(other.problems));
      at = known.emplace(file, std::move(other.value)).first;
    }
    PlateMap map = at->second.every;
    for (auto& [position, well] : map) {
      if (well.line.empty() && well.role != Role::blank) well.line = plan.well.line;
      if (well.repeat.empty()) well.repeat = plan.well.repeat;
      if (well.time_h != well.time_h) well.time_h = plan.well.time_h;
      if (well.role == Role::vehicle && well.time_h == 0.0) well.role = Role::day0;
    }
    layout.plates[plan.well.plate] = std::move(map);
  }
}

}  // namespace

void add_entries(const std::vector<PlanEntry>& entries,
                 const ReadOptions& options,
                 Layout& layout,
                 Problems& problems) {
  std::vector<std::string> titles{"well"};
  for (const PlanEntry& entry : entries) {
    for (const auto& [title, cell] : entry.cells) {
      if (std::find(titles.begin(), titles.end(), title) == titles.end()) titles.push_back(title);
    }
  }
  Grid grid(layout.file, "");
  grid.add_row(titles, 0);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<std::string> cells{name(entries[i].position)};
    for (std::size_t t = 1; t < titles.size(); ++t) {
      const auto at = entries[i].cells.find(titles[t]);
      cells.push_back(at == entries[i].cells.end() ? "" : at->second.text);
    }
    grid.add_row(std::move(cells), i + 1);
  }
  const auto header = find_header(grid, false);
  if (!header) {
    problems.push_back(error({layout.file, 0, 0, "", ""},
                             "the layout says nothing of any well",
                             "Give at least drug and dose_nM (or _uM), or role."));
    return;
  }
  // Problems speak of the grid made here; the user knows only their own file.
  const auto own_place = [&](const Where& where, std::size_t entry) {
    const std::string title = where.column > 0 && where.column <= titles.size()
                                  ? titles[where.column - 1]
                                  : std::string{};
    if (where.line == 0) {  // the header: the first well that has this title
      for (const PlanEntry& e : entries) {
        if (const auto at = e.cells.find(title); at != e.cells.end()) return at->second.where;
      }
      return Where{layout.file, 0, 0, "", ""};
    }
    const PlanEntry& e = entries[entry];
    const auto at = e.cells.find(title);
    Where own = at != e.cells.end() ? at->second.where
                : e.cells.empty()   ? Where{layout.file, 0, 0, "", ""}
                                    : e.cells.begin()->second.where;
    own.item += (own.item.empty() ? "well " : ", well ") + name(e.position);
    return own;
  };
  Problems found = header->problems;
  for (Problem& p : found) p.where = own_place({layout.file, 0, p.where.column, "", ""}, 0);
  PlanRows rows(grid, *header, options, false);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Problems of_row;
    Plan plan = rows.read(i + 1, of_row);
    for (Problem& p : of_row) p.where = own_place(p.where, i);
    append(found, std::move(of_row));
    if (!entries[i].cells.empty()) {
      plan.well.origin = origin_of(entries[i].cells.begin()->second.where);
    }
    put(std::move(plan),
        entries[i].plate,
        entries[i].implied,
        layout,
        found,
        {layout.file, 0, 0, "", ""});
  }
  append(problems, std::move(found));
}

Checked<Layout> read_layout_grids(const std::vector<Grid>& grids,
                                  const std::string& file,
                                  const ReadOptions& options,
                                  const FileOpener& open_other) {
  Checked<Layout> result;
  result.value.file = file;
  for (const Grid& grid : grids) {
    if (const auto header = find_header(grid, false)) {
      if (header->has(Field::layout_file) && !header->has_position()) {
        read_manifest(grid, *header, options, open_other, result.value, result.problems);
      } else {
        read_table(grid, *header, options, result.value, result.problems);
      }
      return result;
    }
  }
  const bool any = std::any_of(
      grids.begin(), grids.end(), [](const Grid& grid) { return !find_blocks(grid).empty(); });
  if (!any) {
    result.problems.push_back(
        error({file, 0, 0, "", ""},
              "the file is no layout",
              "A layout is TOML ([row.A], [col.1], [block.2x3.B2], [well.A1]), a table with a "
              "column well, or blocks with A, B, ... down the side and 1, 2, ... along the top."));
    return result;
  }
  read_blocks(grids, options, result.value, result.problems);
  return result;
}

}  // namespace kinescape::plate
