// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/layout_internal.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::plate {
namespace {

/// TOML has a table heading, or a key with a value, before anything else.
bool looks_like_toml(const Source& source) {
  for (std::string_view line : source.lines) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[')) return true;
    const auto equals = line.find('=');
    const auto comma = line.find_first_of(",;\t");
    return equals != std::string_view::npos && equals < comma;
  }
  return false;
}

std::string some(const std::vector<Position>& wells) {
  std::string text;
  for (std::size_t i = 0; i < wells.size() && i < 8; ++i) {
    if (i > 0) text += ", ";
    text += name(wells[i]);
  }
  return wells.size() > 8 ? text + ", ..." : text;
}

const PlateMap* map_of(const Layout& layout, const PlateInfo& plate) {
  const auto matches = [&](const std::string& asked) {
    const auto slash = plate.file.find_last_of("/\\");
    const std::string bare = slash == std::string::npos ? plate.file : plate.file.substr(slash + 1);
    return iequal(asked, plate.name) || iequal(asked, file_stem(plate.file)) || iequal(asked, bare);
  };
  for (const auto& [asked, map] : layout.plates) {
    if (matches(asked)) return &map;
  }
  return layout.every.empty() ? nullptr : &layout.every;
}

const Well* common_of(const Layout& layout, const std::string& plate) {
  auto at = layout.common.find(plate);
  if (at == layout.common.end()) at = layout.common.find("");
  return at == layout.common.end() ? nullptr : &at->second;
}

void take_missing(const Well& from, Well& to) {
  if (to.line.empty()) to.line = from.line;
  if (to.repeat.empty()) to.repeat = from.repeat;
  if (to.time_h != to.time_h) to.time_h = from.time_h;
  if (to.excluded.empty()) to.excluded = from.excluded;
}

/// Joins a plan to a well. Returns false when the well says something else of itself.
bool join_plan(const Well& plan, Well& well) {
  if (unplanned_well(well)) {
    well.role = plan.role;
    well.drug = plan.drug;
    well.drug_b = plan.drug_b;
    well.dose_nM = plan.dose_nM;
    well.dose_b_nM = plan.dose_b_nM;
  } else if (!unplanned_well(plan)) {
    const bool same = well.role == plan.role && well.drug == plan.drug &&
                      well.drug_b == plan.drug_b && well.dose_nM == plan.dose_nM &&
                      well.dose_b_nM == plan.dose_b_nM;
    if (!same) return false;
  }
  if (!plan.line.empty() && !well.line.empty() && plan.line != well.line) return false;
  take_missing(plan, well);
  return true;
}

class PlateJoin {
 public:
  PlateJoin(const Layout& layout, PlateInfo& plate, const PlateMap& map, Problems& problems)
      : layout_(layout), plate_(plate), map_(map), problems_(problems) {}

  void join(std::vector<Well*>& wells) {
    std::set<Position> read;
    for (const Well* well : wells) read.insert(well->position);
    fit_format(static_cast<int>(read.size()) == plate_.format.wells());
    for (Well* well : wells) one(*well);
    report(wells.size());
  }

 private:
  void say(Severity severity, std::string what, std::string fix, std::string item = {}) {
    problems_.push_back(
        {{layout_.file, 0, 0, std::move(item), ""}, std::move(what), std::move(fix), severity});
  }

  /// The layout may be for a larger plate than the file's. A table only shows the wells it has; but
  /// where it has all wells of a plate, that is the plate.
  void fit_format(bool all_wells_read) {
    std::vector<Position> outside;
    Format needed = plate_.format;
    for (const auto& [position, plan] : map_) {
      if (!plan.placed) continue;
      if (position.row < plate_.format.rows && position.column < plate_.format.columns) continue;
      outside.push_back(position);
      needed.rows = std::max(needed.rows, position.row + 1);
      needed.columns = std::max(needed.columns, position.column + 1);
    }
    if (outside.empty() || plate_.format.rows == 0) return;
    if (plate_.instrument.empty() && !all_wells_read) {
      plate_.format = smallest_format(needed.rows, needed.columns).value_or(needed);
      return;
    }
    say(Severity::error,
        "the layout has " + std::to_string(outside.size()) + " wells that plate \"" + plate_.name +
            "\" (" + std::to_string(plate_.format.wells()) +
            " wells) does not have: " + some(outside),
        "Give the layout of a " + std::to_string(plate_.format.wells()) + "-well plate.");
  }

  void one(Well& well) {
    seen_.insert(well.position);
    const auto at = map_.find(well.position);
    if (at == map_.end()) {
      if (!unplanned_well(well)) return;
      if (well.reading != Reading::missing) loose_.push_back(well.position);
      well.role = Role::unused;
      return;
    }
    const std::string file = well.origin.file;
    if (!join_plan(at->second, well)) {
      say(Severity::error,
          "the layout and " + file + " (" + well.origin.cell + ") do not agree on well " +
              name(well.position),
          "Correct one of them.",
          at->second.origin.cell);
    }
  }

  void report(std::size_t wells) {
    std::sort(loose_.begin(), loose_.end());
    loose_.erase(std::unique(loose_.begin(), loose_.end()), loose_.end());
    if (!loose_.empty()) {
      const bool other_size = 2 * loose_.size() > wells && plate_.format.wells() > 96;
      say(other_size ? Severity::error : Severity::warning,
          std::to_string(loose_.size()) + " wells of plate \"" + plate_.name +
              "\" have a reading but are not in the layout" +
              (other_size ? "" : " and are not used") + ": " + some(loose_),
          other_size ? "Give a layout of a " + std::to_string(plate_.format.wells()) +
                           "-well plate; wells that were not used have role = \"unused\"."
                     : "Add them to the layout, with role = \"unused\" if that is what they are.");
    }
    std::vector<Position> unread;
    for (const auto& [position, plan] : map_) {
      const bool inside =
          position.row < plate_.format.rows && position.column < plate_.format.columns;
      if (plan.placed && inside && plan.role != Role::unused && !seen_.contains(position)) {
        unread.push_back(position);
      }
    }
    if (!unread.empty()) {
      say(Severity::warning,
          std::to_string(unread.size()) + " wells of the layout have no reading on plate \"" +
              plate_.name + "\": " + some(unread),
          "Check that the layout belongs to this plate.");
    }
  }

  const Layout& layout_;
  PlateInfo& plate_;
  const PlateMap& map_;
  Problems& problems_;
  std::set<Position> seen_;
  std::vector<Position> loose_;
};

std::string listed(const Layout& layout) {
  std::string text;
  for (const auto& [plate, map] : layout.plates) {
    if (!text.empty()) text += ", ";
    text += "\"" + plate + "\"";
  }
  return text;
}

}  // namespace

Checked<Layout> read_layout(std::string_view bytes,
                            const std::string& file,
                            const ReadOptions& options,
                            const FileOpener& open_other) {
  auto source = open_source(bytes, file, options.decimal);
  if (!source.ok()) {
    // A TOML file need not be a well-formed table.
    if (source.value->workbook || !looks_like_toml(*source.value)) {
      return {{}, std::move(source.problems)};
    }
  }
  if (!source.value->workbook && looks_like_toml(*source.value)) {
    return read_layout_toml(source.value->text, file, options);
  }
  auto read = read_layout_grids(source.value->grids, file, options, open_other);
  append(source.problems, std::move(read.problems));
  return {std::move(read.value), std::move(source.problems)};
}

void apply_layout(const Layout& layout, PlateSet& set, Problems& problems) {
  if (set.wells.empty()) return;
  std::map<std::string_view, std::vector<Well*>> by_plate;
  bool unplaced = false;
  for (Well& well : set.wells) {
    if (well.placed) by_plate[well.plate].push_back(&well);
    unplaced = unplaced || !well.placed;
  }
  if (unplaced && !(layout.every.empty() && layout.plates.empty())) {
    problems.push_back({{set.wells.front().origin.file, 0, 0, "", ""},
                        "the table has no well column, so the layout cannot be joined to it",
                        "Add a column well (A1 to H12), or leave out the layout.",
                        Severity::error});
    return;
  }
  for (PlateInfo& plate : set.plates) {
    auto& wells = by_plate[plate.name];
    const PlateMap* map = map_of(layout, plate);
    if (map != nullptr) {
      PlateJoin(layout, plate, *map, problems).join(wells);
    } else if (!layout.plates.empty()) {
      problems.push_back({{layout.file, 0, 0, "", ""},
                          "the layout does not have plate \"" + plate.name + "\" of " + plate.file,
                          "It has " + listed(layout) + ": rename one of them.",
                          Severity::error});
    }
  }
  for (Well& well : set.wells) {
    const Well* common = common_of(layout, well.plate);
    if (common != nullptr && well.role != Role::blank) take_missing(*common, well);
  }
}

}  // namespace kinescape::plate
