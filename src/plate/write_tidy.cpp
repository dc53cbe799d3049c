// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <sstream>
#include <vector>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "plate/write.hpp"

namespace kinescape::plate {
namespace {

std::string word(const Well& well) {
  if (!well.excluded.empty()) return "masked";
  switch (well.reading) {
    case Reading::measured:
      return rounded(well.signal, 6);
    case Reading::saturated:
      return well.printed.empty() ? "OVRFLW" : well.printed;
    case Reading::below:
      return well.printed.empty() ? "UNDER" : well.printed;
    case Reading::masked:
      return "masked";
    case Reading::missing:
      return "";
  }
  return "";
}

struct Written {
  std::string name;
  std::function<std::string(const Well&)> cell;
  bool optional = true;
};

bool treated(const Well& well) {
  return well.role == Role::sample;
}

std::vector<Written> all_columns(Scale scale) {
  return {
      {"plate", [](const Well& w) { return w.plate; }},
      {"well", [](const Well& w) { return w.placed ? name(w.position) : ""; }},
      {"role", [](const Well& w) { return std::string(name(w.role)); }, false},
      {"line", [](const Well& w) { return w.line; }},
      {"drug", [](const Well& w) { return w.drug; }},
      {"dose_nM", [](const Well& w) { return treated(w) ? exact(w.dose_nM) : ""; }, false},
      {"drug_b", [](const Well& w) { return w.drug_b; }},
      {"dose_b_nM", [](const Well& w) { return w.drug_b.empty() ? "" : exact(w.dose_b_nM); }},
      {"repeat", [](const Well& w) { return w.repeat; }},
      {"time_h", [](const Well& w) { return exact(w.time_h); }},
      {"channel", [](const Well& w) { return w.channel; }},
      {scale == Scale::signal ? "signal" : "viability", word, false},
  };
}

}  // namespace

std::string write_tidy(const PlateSet& plates) {
  auto columns = all_columns(plates.scale);
  std::erase_if(columns, [&](const Written& c) {
    return c.optional &&
           std::ranges::all_of(plates.wells, [&](const Well& w) { return c.cell(w).empty(); });
  });
  std::ostringstream out;
  std::vector<std::string> cells;
  for (const Written& c : columns) cells.push_back(c.name);
  write_csv_row(out, cells);
  for (const Well& w : plates.wells) {
    cells.clear();
    for (const Written& c : columns) cells.push_back(c.cell(w));
    write_csv_row(out, cells);
  }
  return out.str();
}

}  // namespace kinescape::plate
