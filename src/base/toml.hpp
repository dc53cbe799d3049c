// SPDX-License-Identifier: Apache-2.0
/// \file What does this TOML file say, and where? A parsed tree with places, and a reader that
/// collects every problem (missing, of the wrong type, out of range, unknown key) in one pass.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace kinescape {

struct TomlEntry;

/// One value of a TOML file. `number` holds integers, too; dates are kept as text.
struct TomlValue {
  enum class Kind { table, array, text, number, boolean };
  Kind kind = Kind::table;
  std::string text;
  double number = 0.0;
  bool boolean = false;
  std::vector<TomlValue> items;    ///< Of an array.
  std::vector<TomlEntry> entries;  ///< Of a table, in file order.
  std::size_t line = 0, column = 0;
};

/// One key of a table and its value.
struct TomlEntry {
  std::string first;
  TomlValue second;
};

/// Parses a whole file; a syntax error is one Problem at its line.
[[nodiscard]] Checked<TomlValue> parse_toml(std::string_view bytes, const std::string& file);

/// Takes typed values out of one table. Every fault is added to `problems` (which must outlive the
/// reader); call `finish()` at the end, which names the keys that nobody asked for.
class TomlReader {
 public:
  TomlReader(const TomlValue& table, std::string file, std::string name, Problems& problems);

  [[nodiscard]] bool has(std::string_view key) const;
  std::string required_text(std::string_view key);
  std::string text(std::string_view key, std::string fallback = "");
  bool boolean(std::string_view key, bool fallback);
  /// Within [low, high]; NaN fallback means "not given".
  double number(std::string_view key, double fallback, double low, double high);
  double required_number(std::string_view key, double low, double high);
  int integer(std::string_view key, int fallback, int low, int high);
  /// An array of texts, or one text.
  std::vector<std::string> texts(std::string_view key, bool required = false);
  /// An array of numbers, each within [low, high].
  std::vector<double> numbers(std::string_view key, double low, double high);
  /// `[key]`; an empty reader when it is not there.
  TomlReader table(std::string_view key);
  /// `[[key]]`, one reader each.
  std::vector<TomlReader> tables(std::string_view key);
  /// Reports keys that were never asked for, with the nearest one that exists.
  void finish();

  /// The place of `key`, or of the table when the key is absent.
  [[nodiscard]] Where where(std::string_view key = "") const;
  void problem(std::string_view key, std::string what, std::string fix);

 private:
  const TomlValue* find(std::string_view key);
  const TomlValue* find(std::string_view key, TomlValue::Kind kind, std::string_view wanted);
  double checked_number(std::string_view key, const TomlValue& value, double low, double high);

  const TomlValue* table_;
  std::string file_, name_;
  Problems* problems_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace kinescape
