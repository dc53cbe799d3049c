// SPDX-License-Identifier: Apache-2.0
/// \file Tidy tables beside a report: full precision, units in the column names, an empty cell
/// where there is no number.
#pragma once

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/estimated.hpp"
#include "base/number.hpp"
#include "report/report.hpp"

namespace kinescape::report {

/// A table under construction. The header is written by the first row, cell by cell, so that a
/// column's name and its value stand on one line of this file.
class Tidy {
 public:
  void text(const std::string& column, std::string value) {
    if (first_) header_.push_back(column);
    row_.push_back(std::move(value));
  }
  void number(const std::string& column, double value) {
    text(column, std::isfinite(value) ? exact(value) : "");
  }
  void count(const std::string& column, int value) { text(column, std::to_string(value)); }

  /// An estimate: `base` + unit, its ends, and how it was got.
  void estimate(const std::string& base, const std::string& unit, const Estimated& e) {
    number(base + unit, e.value);
    number(base + "_low" + unit, e.low);
    number(base + "_high" + unit, e.high);
    text(base + "_relation", std::isnan(e.value) ? "" : std::string(name(e.relation)));
    text(base + "_status", std::string(name(e.status)));
  }
  void method(const Estimated& e) {
    number("level", e.level);
    count("n", e.n);
    text("status", std::string(name(e.status)));
    text("method", e.method);
  }
  void end_row() {
    if (first_) write_csv_row(out_, header_);
    first_ = false;
    write_csv_row(out_, row_);
    row_.clear();
  }
  [[nodiscard]] std::string csv() const { return out_.str(); }
  [[nodiscard]] std::string header_only() const {
    std::ostringstream out;
    write_csv_row(out, header_);
    return out.str();
  }

 private:
  bool first_ = true;
  std::vector<std::string> header_, row_;
  std::ostringstream out_;
};

/// One row for each item by `fill`. A table without items keeps its header: that of an empty item.
template <class Item, class Fill>
OutputFile table(const std::string& name, const std::vector<Item>& items, Fill fill) {
  Tidy t;
  for (const Item& item : items) {
    fill(t, item);
    t.end_row();
  }
  if (items.empty()) fill(t, Item{});
  return {"tables/" + name + ".csv", items.empty() ? t.header_only() : t.csv()};
}

}  // namespace kinescape::report
