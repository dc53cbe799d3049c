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
#include "base/toml_guard.hpp"
#include "plate/cells_internal.hpp"
#include "plate/layout_groups_internal.hpp"
#include "plate/patterns_internal.hpp"

namespace kinescape::plate {
namespace {

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
        plates.emplace(from_ascii(key.str()), read_scope(*plate, false));
      }
    }
    std::vector<PlanEntry> entries;
    const auto resolve = [&](const std::string& plate, const std::vector<const Scope*>& scopes) {
      const Cells common = resolve_scopes(plate, scopes, entries, result_.problems);
      if (!common.empty()) add_common(plate, common);
    };
    resolve("", {&every});
    for (const auto& [plate, scope] : plates) resolve(plate, {&every, &scope});
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
  [[nodiscard]] Where where(const toml::node& node) const {
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
    if (const auto* s = node.as_string()) return from_ascii(s->get());
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
        read_key(from_ascii(key.str()), node, cells);
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
      }
      scope.groups.push_back(std::move(group));
    }
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
        read_key(from_ascii(k), node, scope.common);
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
  const auto lines = split_lines(text);
  const auto refused = [&](std::size_t line, const std::string& why) {
    Checked<Layout> result;
    Where where;
    where.file = file;
    where.line = line;
    if (line > 0 && line <= lines.size()) where.shown = printable(lines[line - 1], 100);
    result.problems.push_back({where,
                               "the layout is not TOML: " + why,
                               "Names with commas or dots need quotes: [row.'A,B']. Text values "
                               "need quotes: drug = \"drug A\".",
                               Severity::error});
    return result;
  };
  if (const auto fault = beyond_parser(text)) return refused(fault->line, fault->why);
  try {
    const toml::table root = toml::parse(in_ascii(text));
    return TomlLayout(text, file, options).read(root);
  } catch (const toml::parse_error& fault) {
    return refused(fault.source().begin.line, from_ascii(fault.description()));
  }
}

}  // namespace kinescape::plate
