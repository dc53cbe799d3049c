// SPDX-License-Identifier: Apache-2.0
/// \file Tables of the page: units in the headings, numbers rounded for readers, the full precision
/// one hover or one download away.
#pragma once

#include <string>
#include <string_view>

#include "base/estimated.hpp"

namespace kinescape::report {

/// A table under construction; `name` is that of tables/<name>.csv, or empty.
class HtmlTable {
 public:
  HtmlTable(std::string name, std::string caption);
  /// A heading; `title` explains it on hover. `numeric`: its cells stand on the right.
  void heading(std::string_view text, std::string_view title = "", bool numeric = false);
  void row();  ///< Begins a row.
  void text(std::string_view text, std::string_view title = "");
  /// A cell of markup that is escaped already, of that style class.
  void html(std::string_view trusted, std::string_view style = "");
  void number(double value, int digits = 3);
  void p(double value);
  void count(int value);
  /// Value above its interval and flag. `scale` is for the reader only (100: percent).
  void estimate(const Estimated& estimate, double scale = 1.0);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::string name_, caption_, head_, rows_;
};

}  // namespace kinescape::report
