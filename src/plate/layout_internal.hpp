// SPDX-License-Identifier: Apache-2.0
/// \file What was planned for each well? Plate maps as TOML, blocks or tables.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"
#include "plate/plate.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {

/// The plans of one plate. Well::placed is false for a well that is only implied by a whole row or
/// column, and so need not be on the plate.
using PlateMap = std::map<Position, Well>;

struct Layout {
  std::string file;
  PlateMap every;                          ///< For plates that `plates` does not name.
  std::map<std::string, PlateMap> plates;  ///< By plate name.
  std::map<std::string, Well> common;      ///< Line, repeat, time of a plate ("": of all).
};

/// Reads another file that a manifest names, relative to it.
using FileOpener = std::function<Checked<std::string>(const std::string& name)>;

/// A plate map in any of its forms, told by content.
[[nodiscard]] Checked<Layout> read_layout(std::string_view bytes,
                                          const std::string& file,
                                          const ReadOptions& options,
                                          const FileOpener& open_other);

/// The TOML form.
[[nodiscard]] Checked<Layout> read_layout_toml(std::string_view text,
                                               const std::string& file,
                                               const ReadOptions& options);

/// Blocks (one rectangle for each factor), tables (one row for each well) and manifests (one row
/// for each plate).
[[nodiscard]] Checked<Layout> read_layout_grids(const std::vector<Grid>& grids,
                                                const std::string& file,
                                                const ReadOptions& options,
                                                const FileOpener& open_other);

/// One well as cells under titles, wherever they stood in the file.
struct PlanCell {
  std::string text;
  Where where;
  int layer = 0;  ///< TOML: 0 of all wells, 1 of a row or column, 2 of a block or well.
  std::size_t group = 0;
};
struct PlanEntry {
  std::string plate;  ///< "": every plate.
  Position position;
  bool implied = false;
  std::map<std::string, PlanCell> cells;  ///< By column title, as in a tidy table.
};

/// Entries to plans, by the rules of tidy tables; problems point to the cells.
void add_entries(const std::vector<PlanEntry>& entries,
                 const ReadOptions& options,
                 Layout& layout,
                 Problems& problems);

/// Fills what the wells of one file do not say of themselves. A well that says something else than
/// the layout, a layout for a larger plate, a plate that the layout does not know: Problems.
void apply_layout(const Layout& layout, PlateSet& set, Problems& problems);

}  // namespace kinescape::plate
