// SPDX-License-Identifier: Apache-2.0
/// \file What was planned for each well? Plate maps as TOML, blocks or tables.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"
#include "plate/plate.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {

/// The plans of one plate (or of every plate). Their wells carry the origin in the layout.
using PlateMap = std::map<Position, Well>;

struct Layout {
  std::string file;
  PlateMap every;  ///< For plates that `plates` does not name.
  std::map<std::string, PlateMap> plates;
  Well common;  ///< Line, repeat, time of wells that give none.
  [[nodiscard]] bool empty() const { return every.empty() && plates.empty(); }
};

/// Reads another file that a manifest names, relative to it.
using FileOpener = std::function<Checked<std::string>(const std::string& name)>;

/// A plate map in any of its forms, told by content.
[[nodiscard]] Checked<Layout> read_layout(std::string_view bytes,
                                          const std::string& file,
                                          const ReadOptions& options,
                                          const FileOpener& open_other);

/// The TOML form (layout_toml.cpp) and the block and table forms (layout_table.cpp).
[[nodiscard]] Checked<Layout> read_layout_toml(std::string_view text,
                                               const std::string& file,
                                               const ReadOptions& options);
[[nodiscard]] Checked<Layout> read_layout_grids(const std::vector<Grid>& grids,
                                                const std::string& file,
                                                const ReadOptions& options,
                                                const FileOpener& open_other);

/// Fills what the wells of one file do not say of themselves. A well that says something else than
/// the layout, a layout for a larger plate, a plate that the layout does not know: Problems.
void apply_layout(const Layout& layout, PlateSet& set, Problems& problems);

}  // namespace kinescape::plate
