// SPDX-License-Identifier: Apache-2.0
// The layout of wellmap (Kundert 2021, doi:10.1186/s13104-021-05573-0), read by its published
// description, with dose series (top_dose, dilution_factor, direction) added.
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/layout_internal.hpp"
#include "plate/patterns_internal.hpp"

namespace kinescape::plate {
namespace {

using Cells = std::map<std::string, PlanCell>;
using Run = std::vector<Position>;

/// Later layers win. Blocks: the smaller wins; see `order`.
enum class Layer { icol, irow, col, row, block, well };

struct Group {
  Layer layer = Layer::well;
  int area = 1;
  std::vector<Run> runs;    ///< Along the direction of a dose series.
  std::vector<Run> across;  ///< The same wells, the other way: a block's columns.
  Cells cells;
  std::size_t line = 0;
};

/// What one scope (the file, or one [plate.X]) says.
struct Scope {
  Cells common;
  std::vector<Group> groups;
  std::set<int> rows, columns;      ///< Named by row/irow and col/icol.
  std::set<Position> irows, icols;  ///< Wells of interleaved lines.
};

class TomlLayout {
 public:
  TomlLayout(std::string_view text, const std::string& file, const ReadOptions& options)
      : lines_(split_lines(text)), options_(options) {
    result_.value.file = file;
  }

  Checked<Layout> read(const toml::table& root) {
    Scope every = read_scope(root, true);
    std::map<std::string, Scope> plates;
    if (const auto* table = root["plate"].as_table()) {
      for (const auto& [key, node] : *table) {
        const auto* plate = node.as_table();
        if (plate == nullptr) {
          refuse(node, "[plate." + std::string(key.str()) + "] is not a table", "Give it keys.");
          continue;
        }
        plates.emplace(std::string(key.str()), read_scope(*plate, false));
      }
    }
    std::vector<PlanEntry> entries;
    resolve("", {&every}, entries);
    for (const auto& [name, scope] : plates) resolve(name, {&every, &scope}, entries);
    if (!entries.empty()) {
      add_entries(entries, options_, result_.value, result_.problems);
    } else if (result_.value.common.empty() && result_.problems.empty()) {
      result_.problems.push_back({{result_.value.file, 0, 0, "", ""},
                                  "the layout names no well",
                                  "Add [row.A] and [col.1], [block.2x3.B2] or [well.A1].",
                                  Severity::error});
    }
    return std::move(result_);
  }

 private:
  Where where(const toml::node& node) const {
    Where w;
    w.file = result_.value.file;
    w.line = node.source().begin.line;
    if (w.line > 0 && w.line <= lines_.size()) w.shown = printable(lines_[w.line - 1], 100);
    return w;
  }

  void refuse(const toml::node& node, std::string what, std::string fix) {
    result_.problems.push_back({where(node), std::move(what), std::move(fix), Severity::error});
  }

  std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* s = node.as_string()) return s->get();
    if (const auto* i = node.as_integer()) return std::to_string(i->get());
    if (const auto* f = node.as_floating_point()) return exact(f->get());
    if (const auto* b = node.as_boolean()) return std::string(b->get() ? "true" : "false");
    refuse(node, "the value is neither text nor a number", "Give one value.");
    return std::nullopt;
  }

  /// One `key = value` of a group. The unit moves from the key to the value, so that a well may
  /// override dose_uM of its row by dose_nM.
  void read_key(std::string_view key, const toml::node& node, Cells& cells) {
    const auto column = recognise(key);
    if (!column) {
      unknown_key(key, node);
      return;
    }
    auto text = text_of(node);
    if (!text) return;
    const Field f = column->field;
    const bool dose = f == Field::dose || f == Field::dose_b || f == Field::top_dose;
    std::string title(key);
    if ((dose && !column->log10) || f == Field::time) {
      title = f == Field::dose       ? "dose"
              : f == Field::dose_b   ? "dose_b"
              : f == Field::top_dose ? "top_dose"
                                     : "time";
      if (!column->unit.empty()) *text += " " + column->unit;
    } else if (!column->log10) {
      for (const auto& [other, cell] : cells) {
        const auto there = recognise(other);
        if (there && there->field == f && other != title) {
          refuse(
              node, "\"" + title + "\" and \"" + other + "\" mean the same", "Keep one of them.");
          return;
        }
      }
    }
    cells[title] = {*text, where(node), 0, 0};
  }

  void unknown_key(std::string_view key, const toml::node& node) {
    if (iequal(key, "direction") || !said_.insert(std::string(key)).second) return;
    const std::vector<std::string> known{"line",
                                         "drug",
                                         "dose_nM",
                                         "dose_uM",
                                         "drug_b",
                                         "role",
                                         "repeat",
                                         "time_h",
                                         "exclude",
                                         "top_dose_uM",
                                         "dilution_factor"};
    if (const auto meant = nearest(key, known)) {
      result_.problems.push_back({where(node),
                                  "the key \"" + printable(key) + "\" is not known and not used",
                                  "Did you mean \"" + *meant + "\"?",
                                  Severity::warning});
    }
  }

  void read_cells(const toml::table& table, Cells& cells) {
    for (const auto& [key, node] : table) {
      if (iequal(key.str(), "direction")) {
        if (auto text = text_of(node)) cells["direction"] = {lower(*text), where(node), 0, 0};
      } else {
        read_key(key.str(), node, cells);
      }
    }
  }

  void bad_pattern(std::string_view key, const toml::node& node, const char* example) {
    refuse(node,
           "\"" + printable(key) + "\" does not name wells",
           std::string("Write it as ") + example + ".");
  }

  void read_lines(const toml::node& node, Layer layer, Scope& scope) {
    const auto* table = node.as_table();
    if (table == nullptr) return refuse(node, "this must be a table", "Write [row.A] or [col.1].");
    const bool rows = layer == Layer::row || layer == Layer::irow;
    for (const auto& [key, child] : *table) {
      const auto* cells = child.as_table();
      const auto indices = rows ? row_pattern(key.str()) : column_pattern(key.str());
      if (cells == nullptr || indices.empty()) {
        bad_pattern(
            key.str(), child, rows ? "A, 'A,B' or 'A,C,...,G'" : "1, '1,2' or '1,3,...,11'");
        continue;
      }
      Group group;
      group.layer = layer;
      group.line = child.source().begin.line;
      read_cells(*cells, group.cells);
      for (int index : indices) {
        group.runs.push_back(line_of(layer, index));
        (rows ? scope.rows : scope.columns).insert(index);
        if (layer == Layer::irow)
          scope.irows.insert(group.runs.back().begin(), group.runs.back().end());
        if (layer == Layer::icol)
          scope.icols.insert(group.runs.back().begin(), group.runs.back().end());
      }
      scope.groups.push_back(std::move(group));
    }
  }

  /// All wells that a 1536-well plate would have on this line.
  static Run line_of(Layer layer, int index) {
    constexpr int rows = 32, columns = 48;
    Run run;
    if (layer == Layer::row || layer == Layer::irow) {
      for (int c = 0; c < columns; ++c) {
        const int r = layer == Layer::irow && c % 2 == 1 ? (index ^ 1) : index;
        if (r < rows) run.push_back({r, c});
      }
    } else {
      for (int r = 0; r < rows; ++r) {
        const int c = layer == Layer::icol && r % 2 == 1 ? (index ^ 1) : index;
        if (c < columns) run.push_back({r, c});
      }
    }
    return run;
  }

  void read_wells(const toml::node& node, Scope& scope) {
    const auto* table = node.as_table();
    if (table == nullptr) return refuse(node, "this must be a table", "Write [well.A1].");
    for (const auto& [key, child] : *table) {
      const auto* cells = child.as_table();
      Group group;
      group.runs.push_back(well_pattern(key.str()));
      if (cells == nullptr || group.runs.front().empty()) {
        bad_pattern(key.str(), child, "A1, 'A1,B3' or 'A1,A2,...,A12'");
        continue;
      }
      group.line = child.source().begin.line;
      read_cells(*cells, group.cells);
      scope.groups.push_back(std::move(group));
    }
  }

  void read_blocks(const toml::node& node, Scope& scope) {
    const auto* sizes = node.as_table();
    if (sizes == nullptr) return refuse(node, "this must be a table", "Write [block.2x3.B2].");
    for (const auto& [size_key, by_corner] : *sizes) {
      const auto size = block_size(size_key.str());
      const auto* corners = by_corner.as_table();
      if (!size || corners == nullptr) {
        bad_pattern(size_key.str(), by_corner, "[block.WxH.A1], W columns wide and H rows high");
        continue;
      }
      for (const auto& [key, child] : *corners) {
        const auto* cells = child.as_table();
        const auto at = well_pattern(key.str());
        if (cells == nullptr || at.empty()) {
          bad_pattern(key.str(), child, "[block.2x3.B2] or [block.2x3.'B2,D2']");
          continue;
        }
        Group group;
        group.layer = Layer::block;
        group.area = size->rows * size->columns;
        group.line = child.source().begin.line;
        read_cells(*cells, group.cells);
        bool inside = true;
        for (Position corner : at) inside = add_block(corner, *size, group) && inside;
        if (!inside) {
          refuse(child,
                 "the block " + printable(size_key.str()) + " at " + printable(key.str()) +
                     " is larger than any plate",
                 "W is the number of columns, H of rows.");
        }
        scope.groups.push_back(std::move(group));
      }
    }
  }

  static bool add_block(Position corner, Format size, Group& group) {
    if (corner.row + size.rows > 32 || corner.column + size.columns > 48) return false;
    for (int r = 0; r < size.rows; ++r) {
      Run run;
      for (int c = 0; c < size.columns; ++c) run.push_back({corner.row + r, corner.column + c});
      group.runs.push_back(std::move(run));
    }
    for (int c = 0; c < size.columns; ++c) {
      Run run;
      for (int r = 0; r < size.rows; ++r) run.push_back({corner.row + r, corner.column + c});
      group.across.push_back(std::move(run));
    }
    return true;
  }

  Scope read_scope(const toml::table& table, bool top) {
    Scope scope;
    for (const auto& [key, node] : table) {
      const std::string_view k = key.str();
      if (k == "row") {
        read_lines(node, Layer::row, scope);
      } else if (k == "col") {
        read_lines(node, Layer::col, scope);
      } else if (k == "irow") {
        read_lines(node, Layer::irow, scope);
      } else if (k == "icol") {
        read_lines(node, Layer::icol, scope);
      } else if (k == "block") {
        read_blocks(node, scope);
      } else if (k == "well") {
        read_wells(node, scope);
      } else if (k == "expt") {
        if (const auto* common = node.as_table()) read_cells(*common, scope.common);
      } else if (top && k == "plate") {
        continue;
      } else if (top && k == "meta") {
        check_meta(node);
      } else if (!top && !node.is_table()) {
        read_key(k, node, scope.common);
      } else {
        refuse(node,
               "[" + printable(k) + "] is no part of a layout",
               "Use meta, expt, plate, row, col, irow, icol, block and well.");
      }
    }
    return scope;
  }

  void check_meta(const toml::node& node) {
    const auto* meta = node.as_table();
    if (meta == nullptr) return;
    for (const char* key : {"include", "concat", "extras"}) {
      if (const auto* used = meta->get(key); used != nullptr && std::string_view(key) != "extras") {
        refuse(*used,
               std::string("meta.") + key + " names other layouts, which are not read",
               "Put everything into one layout, or name a layout per plate in a manifest.");
      }
    }
  }

  /// Wells that exist: those of blocks and wells, and those where a named row meets a named column.
  /// With rows only (or columns only), the whole line, as far as the plate reaches.
  static std::map<Position, bool> existing(const std::vector<const Scope*>& scopes) {
    std::set<int> rows, columns;
    std::set<Position> irows, icols;
    std::map<Position, bool> wells;  // true: implied only
    for (const Scope* scope : scopes) {
      for (const Group& group : scope->groups) {
        const bool line = group.layer != Layer::block && group.layer != Layer::well;
        if (!line) {
          for (const Run& run : group.runs) {
            for (Position p : run) wells[p] = false;
          }
        } else if (group.layer == Layer::row || group.layer == Layer::irow) {
          for (const Run& run : group.runs) irows.insert(run.begin(), run.end());
        } else {
          for (const Run& run : group.runs) icols.insert(run.begin(), run.end());
        }
      }
    }
    if (!irows.empty() && !icols.empty()) {
      for (Position p : irows) {
        if (icols.contains(p)) wells[p] = false;
      }
    } else {
      for (const auto* lines : {&irows, &icols}) {
        for (Position p : *lines) wells.try_emplace(p, true);
      }
    }
    return wells;
  }

  void resolve(const std::string& plate,
               const std::vector<const Scope*>& scopes,
               std::vector<PlanEntry>& entries) {
    Cells common;
    for (const Scope* scope : scopes) {
      for (const auto& [title, cell] : scope->common) common[title] = cell;
    }
    const auto wells = existing(scopes);
    std::map<Position, Cells> plans;
    for (const auto& [position, implied] : wells) plans[position] = common;
    for (const Scope* scope : scopes) {
      std::vector<const Group*> order;
      for (const Group& group : scope->groups) order.push_back(&group);
      std::stable_sort(order.begin(), order.end(), [](const Group* a, const Group* b) {
        return a->layer != b->layer ? a->layer < b->layer : a->area > b->area;
      });
      for (const Group* group : order) lay(*group, plans);
    }
    for (auto& [position, cells] : plans) {
      cells.erase("direction");
      cells.erase("top_dose");
      settle_control(cells);
      entries.push_back({plate, position, wells.at(position), std::move(cells)});
    }
    if (!common.empty()) add_common(plate, common);
  }

  void lay(const Group& group, std::map<Position, Cells>& plans) {
    Cells cells = group.cells;
    const auto top = cells.find("top_dose");
    const bool series = top != cells.end();
    if (series) lay_series(group, plans);
    std::erase_if(cells, [](const auto& entry) {
      const auto column = recognise(entry.first);
      return entry.first == "direction" || (column && (column->field == Field::top_dose ||
                                                       column->field == Field::dilution_factor));
    });
    for (const Run& run : group.runs) {
      for (Position p : run) {
        const auto at = plans.find(p);
        if (at == plans.end()) continue;
        for (const auto& [title, cell] : cells) {
          at->second[title] = cell;
          at->second[title].layer = layer_of(group);
          at->second[title].group = group.line;
        }
      }
    }
  }

  static int layer_of(const Group& group) {
    return group.layer == Layer::block || group.layer == Layer::well ? 2 : 1;
  }

  /// Where one group makes a well a control and another gives it a dose, the more specific group
  /// is meant; of two lines that cross, the control.
  static void settle_control(Cells& cells) {
    auto role = cells.end();
    for (auto at = cells.begin(); at != cells.end(); ++at) {
      const auto column = recognise(at->first);
      if (column && column->field == Field::role) role = at;
    }
    if (role == cells.end()) return;
    const auto meant = parse_role(role->second.text);
    if (!meant || *meant == Role::sample || *meant == Role::positive) return;
    const PlanCell control = role->second;
    bool role_goes = false;
    std::erase_if(cells, [&](const auto& entry) {
      const auto column = recognise(entry.first);
      if (!column) return false;
      const Field f = column->field;
      const bool treats =
          f == Field::drug || f == Field::drug_b || f == Field::dose || f == Field::dose_b;
      if (!treats || (entry.second.group == control.group && entry.second.layer == control.layer)) {
        return false;
      }
      const bool dose = f == Field::dose || f == Field::dose_b;
      if (entry.second.layer > control.layer) {
        role_goes = role_goes || dose;
        return false;
      }
      return true;
    });
    if (role_goes) cells.erase(role->first);
  }

  void lay_series(const Group& group, std::map<Position, Cells>& plans) {
    const PlanCell& top_cell = group.cells.at("top_dose");
    const auto top = parse_amount(top_cell.text, Decimal::point);
    double factor = unknown;
    for (const auto& [title, cell] : group.cells) {
      const auto column = recognise(title);
      if (!column || column->field != Field::dilution_factor) continue;
      const auto number = parse_number(cell.text, Decimal::point);
      if (number.kind == NumberKind::number) factor = number.value;
    }
    const auto direction = group.cells.find("direction");
    const std::string way =
        direction == group.cells.end()
            ? (group.layer == Layer::col || group.layer == Layer::icol ? "down" : "right")
            : direction->second.text;
    const bool known = way == "right" || way == "left" || way == "down" || way == "up";
    if (!top || !(top->value > 0.0) || !(factor > 1.0) || !known) {
      result_.problems.push_back(
          {top_cell.where,
           "the dose series is not complete",
           "Give top_dose_uM (or _nM), dilution_factor above 1 and, if it does not run to the "
           "right, direction = \"left\", \"down\" or \"up\".",
           Severity::error});
      return;
    }
    const bool back = way == "left" || way == "up";
    const bool columns = (way == "down" || way == "up") && !group.across.empty();
    for (Run run : columns ? group.across : group.runs) {
      std::erase_if(run, [&](Position p) { return !plans.contains(p); });
      if (back) std::reverse(run.begin(), run.end());
      for (std::size_t step = 0; step < run.size(); ++step) {
        const double dose = top->value / std::pow(factor, static_cast<double>(step));
        std::string text = exact(dose);
        if (!top->unit.empty()) text += " " + top->unit;
        plans[run[step]]["dose"] = {text, top_cell.where, layer_of(group), group.line};
      }
    }
  }

  /// What holds for all wells of a plate also holds for tables that bring their own drugs.
  void add_common(const std::string& plate, const Cells& common) {
    Layout one;
    one.file = result_.value.file;
    Problems ignored;  // the same cells are checked with the wells
    add_entries({{"", {0, 0}, false, common}}, options_, one, ignored);
    if (one.every.empty()) return;
    result_.value.common[plate] = one.every.begin()->second;
  }

  std::vector<std::string_view> lines_;
  const ReadOptions& options_;
  Checked<Layout> result_;
  std::set<std::string> said_;
};

}  // namespace

Checked<Layout> read_layout_toml(std::string_view text,
                                 const std::string& file,
                                 const ReadOptions& options) {
  try {
    const toml::table root = toml::parse(text);
    return TomlLayout(text, file, options).read(root);
  } catch (const toml::parse_error& fault) {
    Checked<Layout> result;
    Where where;
    where.file = file;
    where.line = fault.source().begin.line;
    const auto lines = split_lines(text);
    if (where.line > 0 && where.line <= lines.size()) {
      where.shown = printable(lines[where.line - 1], 100);
    }
    result.problems.push_back(
        {where,
         "the layout is not TOML: " + std::string(fault.description()),
         "Names with commas or dots need quotes: [row.'A,B']. Text values need "
         "quotes: drug = \"drug A\".",
         Severity::error});
    return result;
  }
}

}  // namespace kinescape::plate
