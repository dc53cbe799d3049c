// SPDX-License-Identifier: Apache-2.0
/// \file Tables and R's answers of the folder xenograft-clinical of the reference data.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/estimated.hpp"
#include "base/number.hpp"
#include "shared_data.hpp"

namespace kinescape::tests {

/// A table by column name; empty where the reference data are absent.
class Columns {
 public:
  explicit Columns(const std::string& file) {
    const auto path = shared_data("xenograft-clinical/" + file);
    if (!path) return;
    std::ifstream in(*path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto grid = read_csv(bytes, file);
    EXPECT_TRUE(grid.ok()) << file;
    for (std::size_t c = 0; c < grid.value.columns(0); ++c) {
      auto& column = columns_[std::string(grid.value.at(0, c))];
      for (std::size_t r = 1; r < grid.value.rows(); ++r)
        if (!grid.value.blank(r)) column.emplace_back(grid.value.at(r, c));
    }
  }
  [[nodiscard]] bool empty() const { return columns_.empty(); }
  [[nodiscard]] std::size_t rows() const { return columns_.begin()->second.size(); }
  [[nodiscard]] const std::vector<std::string>& text(const std::string& name) const {
    return columns_.at(name);
  }
  /// NaN where the cell is no number.
  [[nodiscard]] std::vector<double> number(const std::string& name) const {
    std::vector<double> out;
    for (const std::string& cell : columns_.at(name)) {
      const auto n = parse_number(cell, Decimal::point);
      out.push_back(n.kind == NumberKind::number ? n.value : unknown);
    }
    return out;
  }

 private:
  std::map<std::string, std::vector<std::string>> columns_;
};

/// R's answers of one reference file: "case|quantity" -> value, NaN for NA.
inline std::map<std::string, double> answers(const std::string& file) {
  std::map<std::string, double> out;
  const Columns table("reference/" + file);
  if (table.empty()) return out;
  const auto value = table.number("value");
  for (std::size_t i = 0; i < value.size(); ++i)
    out[table.text("case")[i] + "|" + table.text("quantity")[i]] = value[i];
  return out;
}

/// Equal to a relative difference of `relative`, or both not a number. Near zero: absolute.
inline void expect_close(double got, double want, double relative, const std::string& what) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got << " where R has none";
    return;
  }
  EXPECT_NEAR(got, want, relative * std::max(1e-3, std::fabs(want))) << what;
}

}  // namespace kinescape::tests
