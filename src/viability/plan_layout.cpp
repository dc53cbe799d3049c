// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "viability/plan.hpp"

namespace kinescape::viability {

namespace {

/// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20 || code == 0x7f) {
      constexpr const char* digits = "0123456789ABCDEF";
      out += std::string("\\u00") + digits[code >> 4U] + digits[code & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string dose_cell(const plate::Well& w) {
  return w.role == plate::Role::sample ? exact(w.dose_nM) : "";
}

}  // namespace

std::string layout_toml(const plate::PlateSet& plates) {
  std::string out = "# Plate map: what stands in each well. Concentrations in nM.\n";
  for (const plate::Well& w : plates.wells) {
    out += "\n[plate." + quoted(w.plate) + ".well." + plate::name(w.position) + "]\n";
    out += "role = " + quoted(std::string(plate::name(w.role))) + "\n";
    if (!w.line.empty()) out += "line = " + quoted(w.line) + "\n";
    if (w.role == plate::Role::sample) {
      out += "drug = " + quoted(w.drug) + "\n";
      out += "dose_nM = " + exact(w.dose_nM) + "\n";
    }
    out += "repeat = " + quoted(w.repeat) + "\n";
  }
  return out;
}

std::string layout_table(const plate::PlateSet& plates) {
  std::ostringstream out;
  const auto row = [&](std::vector<std::string> cells) { write_csv_row(out, cells); };
  row({"plate", "well", "role", "line", "drug", "dose_nM", "repeat"});
  for (const plate::Well& w : plates.wells) {
    row({w.plate,
         plate::name(w.position),
         std::string(plate::name(w.role)),
         w.line,
         w.drug,
         dose_cell(w),
         w.repeat});
  }
  return out.str();
}

std::string layout_blocks(const plate::PlateSet& plates) {
  using Cell = std::function<std::string(const plate::Well&)>;
  const std::vector<std::pair<std::string, Cell>> factors{
      {"role", [](const plate::Well& w) { return std::string(plate::name(w.role)); }},
      {"line", [](const plate::Well& w) { return w.line; }},
      {"drug", [](const plate::Well& w) { return w.drug; }},
      {"dose_nM", dose_cell},
      {"repeat", [](const plate::Well& w) { return w.repeat; }}};
  std::ostringstream out;
  const auto row = [&](const std::vector<std::string>& cells) { write_csv_row(out, cells); };
  for (const plate::PlateInfo& info : plates.plates) {
    std::map<plate::Position, const plate::Well*> at;
    for (const plate::Well& w : plates.wells) {
      if (w.plate == info.name) at[w.position] = &w;
    }
    for (const auto& [title, cell] : factors) {
      std::vector<std::string> head{info.name + ": " + title};
      for (int c = 0; c < info.format.columns; ++c) head.push_back(std::to_string(c + 1));
      row(head);
      for (int r = 0; r < info.format.rows; ++r) {
        const std::string first = plate::name(plate::Position{r, 0});
        std::vector<std::string> cells{first.substr(0, first.find('0'))};
        for (int c = 0; c < info.format.columns; ++c) {
          const auto well = at.find({r, c});
          cells.push_back(well == at.end() ? "" : cell(*well->second));
        }
        row(cells);
      }
      out << "\n";
    }
  }
  return out.str();
}

}  // namespace kinescape::viability
