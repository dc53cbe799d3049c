// SPDX-License-Identifier: Apache-2.0
/// \file drc's example data, one set of wells per curve, and what drc 3.2-0 printed for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dose_response/fit.hpp"

namespace kinescape::tests {

using Cells = std::vector<std::string>;

/// Rows of a comma-separated file whose text is quoted.
inline std::vector<Cells> read_rows(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::vector<Cells> rows;
  while (std::getline(in, line)) {
    Cells cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.emplace_back();
      } else if (c != '\r') {
        cells.back() += c;
      }
    }
    rows.push_back(cells);
  }
  return rows;
}

inline std::size_t column(const std::vector<Cells>& rows, const std::string& name) {
  const auto found = std::find(rows.at(0).begin(), rows[0].end(), name);
  return static_cast<std::size_t>(found - rows[0].begin());
}

/// Wells by curve, in the order in which the curves appear.
struct CurveData {
  std::vector<std::string> names;
  std::vector<dose_response::Observations> groups;

  [[nodiscard]] std::size_t group(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
  }
};

inline CurveData curve_data(const std::vector<Cells>& rows,
                            const std::string& dose,
                            const std::string& response,
                            const std::string& by) {
  const std::size_t at_dose = column(rows, dose), at_response = column(rows, response);
  const std::size_t at_by = by.empty() ? rows[0].size() : column(rows, by);
  CurveData out;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() < rows[0].size()) continue;
    const std::string name = at_by < rows[i].size() ? rows[i][at_by] : "(Intercept)";
    if (std::find(out.names.begin(), out.names.end(), name) == out.names.end()) {
      out.names.push_back(name);
      out.groups.emplace_back();
    }
    auto& wells = out.groups[out.group(name)];
    wells.dose_nM.push_back(std::stod(rows[i][at_dose]));
    wells.response.push_back(std::stod(rows[i][at_response]));
  }
  return out;
}

}  // namespace kinescape::tests
