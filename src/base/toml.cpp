// SPDX-License-Identifier: Apache-2.0
#include "base/toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/estimated.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/toml_guard.hpp"

namespace kinescape {
namespace {

TomlValue converted(const toml::node& node) {
  TomlValue out;
  out.line = node.source().begin.line;
  out.column = node.source().begin.column;
  if (const auto* table = node.as_table()) {
    out.kind = TomlValue::Kind::table;
    for (const auto& [key, value] : *table) {
      out.entries.push_back({from_ascii(key.str()), converted(value)});
    }
    std::ranges::stable_sort(out.entries, {}, [](const auto& e) { return e.second.line; });
  } else if (const auto* array = node.as_array()) {
    out.kind = TomlValue::Kind::array;
    for (const auto& item : *array) out.items.push_back(converted(item));
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlValue::Kind::boolean;
    out.boolean = boolean->get();
  } else if (const auto number = node.value_exact<double>()) {
    out.kind = TomlValue::Kind::number;
    out.number = *number;
  } else if (const auto integer = node.value_exact<std::int64_t>()) {
    out.kind = TomlValue::Kind::number;
    out.number = static_cast<double>(*integer);
  } else if (const auto text = node.value_exact<std::string>()) {
    out.kind = TomlValue::Kind::text;
    out.text = from_ascii(*text);
  } else {  // a date or a time: kept as it would be written
    std::ostringstream printed;
    node.visit([&](const auto& n) { printed << n; });
    out.kind = TomlValue::Kind::text;
    out.text = printed.str();
  }
  return out;
}

std::string_view spelled(TomlValue::Kind kind) {
  switch (kind) {
    case TomlValue::Kind::table:
      return "a table";
    case TomlValue::Kind::array:
      return "a list";
    case TomlValue::Kind::text:
      return "a text";
    case TomlValue::Kind::number:
      return "a number";
    case TomlValue::Kind::boolean:
      return "true or false";
  }
  return "a value";
}

std::string allowed_range(double low, double high) {
  const bool no_low = !std::isfinite(low);
  const bool no_high = !std::isfinite(high);
  if (no_low && no_high) return "any number";
  if (no_high) return fmt::format("{} or more", exact(low));
  if (no_low) return fmt::format("{} or less", exact(high));
  return fmt::format("{} to {}", exact(low), exact(high));
}

}  // namespace

Checked<TomlValue> parse_toml(std::string_view bytes, const std::string& file) {
  Checked<TomlValue> out;
  auto decoded = decode_text(bytes, file);
  append(out.problems, std::move(decoded.problems));
  if (!out.ok()) return out;
  const auto not_toml = [&](std::size_t line, std::string_view why) {
    Where where{file, line, 0, "", ""};
    const auto lines = split_lines(decoded.value);
    if (line >= 1 && line <= lines.size()) where.shown = lines[line - 1];
    out.problems.push_back({std::move(where),
                            "this is not TOML: " + from_ascii(why),
                            "Texts stand in quotes, lists in [ ], and each key once."});
  };
  if (const auto fault = beyond_parser(decoded.value)) {
    not_toml(fault->line, fault->why);
    return out;
  }
  try {
    out.value = converted(toml::parse(in_ascii(decoded.value), file));
  } catch (const toml::parse_error& error) {
    not_toml(error.source().begin.line, error.description());
  }
  return out;
}

TomlReader::TomlReader(const TomlValue& table,
                       std::string file,
                       std::string name,
                       Problems& problems)
    : table_(&table), file_(std::move(file)), name_(std::move(name)), problems_(&problems) {}

bool TomlReader::has(std::string_view key) const {
  return std::ranges::any_of(table_->entries, [&](const auto& e) { return e.first == key; });
}

const TomlValue* TomlReader::find(std::string_view key) {
  asked_.emplace(key);
  for (const auto& [name, value] : table_->entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

const TomlValue* TomlReader::find(std::string_view key,
                                  TomlValue::Kind kind,
                                  std::string_view wanted) {
  const TomlValue* value = find(key);
  if (value == nullptr || value->kind == kind) return value;
  problem(
      key, fmt::format("\"{}\" is {}", key, spelled(value->kind)), fmt::format("Give {}.", wanted));
  return nullptr;
}

Where TomlReader::where(std::string_view key) const {
  Where out{file_, table_->line, 0, name_, ""};
  for (const auto& [name, value] : table_->entries) {
    if (name == key) out.line = value.line;
  }
  return out;
}

void TomlReader::problem(std::string_view key, std::string what, std::string fix) {
  problems_->push_back({where(key), std::move(what), std::move(fix)});
}

std::string TomlReader::text(std::string_view key, std::string fallback) {
  const TomlValue* value = find(key, TomlValue::Kind::text, "a text in quotes");
  if (value != nullptr) return value->text;
  return fallback;
}

std::string TomlReader::required_text(std::string_view key) {
  const bool there = find(key) != nullptr;
  std::string out = text(key);
  if (!there || (out.empty() && find(key)->kind == TomlValue::Kind::text)) {
    problem(key,
            fmt::format("\"{}\" is missing{}", key, there ? ": the text is empty" : ""),
            fmt::format("Add a line {} = \"...\".", key));
  }
  return out;
}

bool TomlReader::boolean(std::string_view key, bool fallback) {
  const TomlValue* value = find(key, TomlValue::Kind::boolean, "true or false, without quotes");
  return value != nullptr ? value->boolean : fallback;
}

double TomlReader::checked_number(std::string_view key,
                                  const TomlValue& value,
                                  double low,
                                  double high) {
  if (value.number >= low && value.number <= high) return value.number;
  problem(key,
          fmt::format("{} = {} is out of range", key, exact(value.number)),
          fmt::format("Allowed: {}.", allowed_range(low, high)));
  return unknown;
}

double TomlReader::number(std::string_view key, double fallback, double low, double high) {
  const TomlValue* value = find(key, TomlValue::Kind::number, "a number without quotes");
  return value != nullptr ? checked_number(key, *value, low, high) : fallback;
}

double TomlReader::required_number(std::string_view key, double low, double high) {
  if (find(key) == nullptr) {
    problem(key,
            fmt::format("\"{}\" is missing", key),
            fmt::format("Add a line {} = (number, {}).", key, allowed_range(low, high)));
  }
  return number(key, unknown, low, high);
}

int TomlReader::integer(std::string_view key, int fallback, int low, int high) {
  const double value = number(key, fallback, low, high);
  if (std::isnan(value)) return fallback;
  if (value != std::floor(value)) {
    problem(key, fmt::format("{} = {} is not whole", key, exact(value)), "Give a whole number.");
    return fallback;
  }
  return static_cast<int>(value);
}

std::vector<std::string> TomlReader::texts(std::string_view key, bool required) {
  const TomlValue* value = find(key);
  if (value == nullptr) {
    if (required) {
      problem(key,
              fmt::format("\"{}\" is missing", key),
              fmt::format("Add a line {} = [\"...\"].", key));
    }
    return {};
  }
  if (value->kind == TomlValue::Kind::text) return {value->text};
  std::vector<std::string> out;
  bool fine = value->kind == TomlValue::Kind::array && !(required && value->items.empty());
  for (const TomlValue& item : value->items) {
    fine = fine && item.kind == TomlValue::Kind::text;
    out.push_back(item.text);
  }
  if (fine) return out;
  problem(key,
          fmt::format("\"{}\" is not a list of texts", key),
          fmt::format("Write {} = [\"...\", \"...\"].", key));
  return {};
}

std::vector<double> TomlReader::numbers(std::string_view key, double low, double high) {
  const TomlValue* value = find(key, TomlValue::Kind::array, "a list of numbers: [1, 2, 3]");
  std::vector<double> out;
  if (value == nullptr) return out;
  for (const TomlValue& item : value->items) {
    if (item.kind != TomlValue::Kind::number) {
      problem(key,
              fmt::format("\"{}\" holds {}", key, spelled(item.kind)),
              "Give numbers only: [1, 2, 3].");
      return {};
    }
    out.push_back(checked_number(key, item, low, high));
  }
  return out;
}

TomlReader TomlReader::table(std::string_view key) {
  static const TomlValue empty;
  const TomlValue* value =
      find(key, TomlValue::Kind::table, fmt::format("a table, opened by a line [{}]", key));
  return {value != nullptr ? *value : empty, file_, fmt::format("[{}]", key), *problems_};
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  const std::string wanted = fmt::format("one or more tables, each opened by a line [[{}]]", key);
  const TomlValue* value = find(key, TomlValue::Kind::array, wanted);
  std::vector<TomlReader> out;
  if (value == nullptr) return out;
  for (const TomlValue& item : value->items) {
    if (item.kind != TomlValue::Kind::table) {
      problem(key,
              fmt::format("\"{}\" holds {}", key, spelled(item.kind)),
              fmt::format("Give {}.", wanted));
      return {};
    }
    out.emplace_back(item, file_, fmt::format("[[{}]] number {}", key, out.size() + 1), *problems_);
  }
  return out;
}

void TomlReader::finish() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& [key, value] : table_->entries) {
    if (asked_.contains(key)) continue;
    const auto guess = nearest(key, known);
    problem(key,
            fmt::format(
                "\"{}\" is not a key of {}", printable(key), name_.empty() ? "this file" : name_),
            guess ? fmt::format("Did you mean \"{}\"?", *guess)
                  : fmt::format("Known keys: {}.", fmt::join(known, ", ")));
  }
}

}  // namespace kinescape
