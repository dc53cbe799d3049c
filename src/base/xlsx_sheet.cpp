// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding_internal.hpp"
#include "base/text.hpp"
#include "base/xlsx_internal.hpp"

namespace kinescape::xlsx {
namespace {

using Event = XmlPull::Event;

/// Excel writes a control character as "_x000D_", and such text itself as "_x005F_x000D_".
std::string without_escapes(std::string text) {
  std::size_t at = 0;
  while ((at = text.find("_x", at)) != std::string::npos) {
    unsigned code = 0;
    const char* const digits = text.data() + at + 2;
    const bool whole = at + 7 <= text.size() && text[at + 6] == '_' &&
                       std::from_chars(digits, digits + 4, code, 16).ptr == digits + 4;
    if (whole && code != 0 && (code < 0xD800U || code >= 0xE000U)) {
      std::string character;
      encoding::append_utf8(character, code);
      text.replace(at, 7, character);
      at += character.size();
    } else {
      at += 2;
    }
  }
  return text;
}

}  // namespace

void RichText::start(std::string_view name) {
  if (name == "rPh") ++phonetic_;
  in_text_ = name == "t" && phonetic_ == 0;
}

void RichText::end(std::string_view name) {
  if (name == "rPh" && phonetic_ > 0) --phonetic_;
  in_text_ = false;
}

std::string RichText::take() {
  phonetic_ = 0;
  in_text_ = false;
  return without_escapes(std::exchange(value_, {}));
}

std::optional<Place> cell_place(std::string_view name) {
  Place place;
  std::size_t i = 0;
  for (; i < name.size() && name[i] >= 'A' && name[i] <= 'Z'; ++i) {
    place.column = place.column * 26 + static_cast<std::size_t>(name[i] - 'A') + 1;
    if (place.column > most_columns) return std::nullopt;
  }
  const char* const end = name.data() + name.size();
  const auto [stop, failed] = std::from_chars(name.data() + i, end, place.row);
  const bool read = failed == std::errc() && stop == end && place.column > 0;
  if (!read || place.row == 0 || place.row > most_rows) return std::nullopt;
  return place;
}

namespace {

/// Reads the cells of one worksheet part into a Grid.
class SheetReader {
 public:
  SheetReader(SheetContext& context, Grid& grid) : context_(context), grid_(grid) {}

  bool run(XmlPull& xml) {
    for (Event e = xml.next(); e != Event::done && !full_; e = xml.next()) {
      const bool good = e == Event::start  ? start(xml)
                        : e == Event::end  ? end(xml.name())
                        : e == Event::text ? text_of(xml)
                                           : false;
      if (!good) return false;
    }
    return true;
  }

 private:
  bool start(XmlPull& xml) {
    const std::string_view name = xml.name();
    if (name == "row" && !in_row_) {
      in_row_ = true;
      start_row(xml.attribute("r"));
    } else if (name == "c" && in_row_ && !in_cell_) {
      in_cell_ = true;
      start_cell(xml.attribute("r"));
      type_ = xml.attribute("t").value_or("n");
      value_.clear();
    } else if (name == "row" || name == "c") {
      return !in_row_;  // a cell outside any row means nothing; a row in a row is damage
    } else if (in_cell_) {
      in_value_ = name == "v";
      rich_.start(name);
    }
    return xml.error().empty();
  }

  bool text_of(XmlPull& xml) {
    if (!in_cell_) return true;
    return in_value_ ? xml.append_text(value_) : rich_.text(xml);
  }

  bool end(std::string_view name) {
    in_value_ = false;
    if (name == "c" && in_cell_) {
      in_cell_ = false;
      end_cell();
    } else if (name == "row" && in_row_) {
      in_row_ = false;
      end_row();
    } else if (in_cell_) {
      rich_.end(name);
    }
    return true;
  }

  void start_row(const std::optional<std::string>& r) {
    column_ = 0;
    cells_.clear();
    skip_row_ = false;
    std::size_t row = row_ + 1;
    if (r) {
      const char* const last = r->data() + r->size();
      const auto [stop, failed] = std::from_chars(r->data(), last, row);
      if (failed != std::errc() || stop != last) row = 0;
    }
    if (row <= row_ || row > most_rows) {
      skip_row_ = true;
      bad(row_ + 1, 0, fmt::format("the row says that its number is \"{}\"", shown(r)));
      return;
    }
    row_ = row;
  }

  void start_cell(const std::optional<std::string>& r) {
    ++column_;
    skip_cell_ = skip_row_;
    if (r && !skip_cell_) {
      const auto place = cell_place(*r);
      if (!place || place->row != row_) {
        skip_cell_ = true;
        bad(row_, 0, fmt::format("a cell says that it is \"{}\"", shown(r)));
        return;
      }
      column_ = place->column;
    }
    if (column_ > most_columns && !skip_cell_) {
      skip_cell_ = true;
      bad(row_, 0, "the row has more cells than a worksheet can have");
    }
  }

  void end_cell() {
    std::string rich = rich_.take();
    if (skip_cell_) return;
    std::string value = type_ == "inlineStr" ? std::move(rich) : cell_value();
    if (value.empty()) return;  // a cell that only has a format
    if (column_ <= cells_.size() && !cells_[column_ - 1].empty()) {
      bad(row_, column_, "the cell stands there twice");
      return;
    }
    if (!spend(column_ - std::min(column_, cells_.size()), value.size())) return;
    if (column_ > cells_.size()) cells_.resize(column_);
    cells_[column_ - 1] = std::move(value);
  }

  void end_row() {
    if (skip_row_ || cells_.empty() || full_) return;
    if (!spend(row_ - grid_.rows(), 0)) return;
    for (std::size_t row = grid_.rows() + 1; row < row_; ++row) grid_.add_row({}, row);
    grid_.add_row(std::move(cells_), row_);
    cells_ = {};
  }

  /// What the cell shows, from its <v>.
  std::string cell_value() {
    const std::string_view v = trimmed(value_);
    if (type_ == "str") return without_escapes(value_);
    if (v.empty() || type_ == "e" || type_ == "d") return std::string(v);
    if (type_ == "s") {
      std::size_t index = 0;
      const auto [stop, failed] = std::from_chars(v.data(), v.data() + v.size(), index);
      const bool read = failed == std::errc() && stop == v.data() + v.size();
      if (read && index < context_.shared.size()) return context_.shared[index];
      bad(row_,
          column_,
          fmt::format("the cell names the shared string \"{}\", of which there is none",
                      printable(v)));
      return "";
    }
    if (type_ == "b" && (v == "1" || v == "0")) return v == "1" ? "TRUE" : "FALSE";
    if (type_ == "n") {
      if (const auto number = plain_number(v)) return exact(*number);
    }
    bad(row_,
        column_,
        fmt::format("\"{}\" is not a value of type \"{}\"", printable(v), printable(type_)));
    return "";
  }

  bool spend(std::size_t cells, std::size_t bytes) {
    Budget& budget = context_.budget;
    full_ = full_ || cells > budget.cells || bytes > budget.text_bytes;
    if (full_) {
      bad(row_, 0, "the workbook has more cells than are read", "Split the workbook.");
      return false;
    }
    budget.cells -= cells;
    budget.text_bytes -= bytes;
    return true;
  }

  void bad(std::size_t row, std::size_t column, std::string what, std::string fix = save_again) {
    if (context_.problems.size() >= most_problems) {
      full_ = true;
      return;
    }
    Where where{context_.file, row, column, "", ""};
    where.item = fmt::format("{}!{}{}", grid_.sheet(), column_letters(column), row);
    context_.problems.push_back({std::move(where), std::move(what), std::move(fix)});
  }

  static std::string shown(const std::optional<std::string>& text) {
    return printable(text.value_or(""));
  }

  SheetContext& context_;
  Grid& grid_;
  RichText rich_;
  std::vector<std::string> cells_;
  std::string type_, value_;
  std::size_t row_ = 0, column_ = 0;
  bool in_row_ = false, in_cell_ = false, in_value_ = false;
  bool skip_row_ = false, skip_cell_ = false, full_ = false;
};

}  // namespace

bool read_cells(XmlPull& xml, SheetContext& context, Grid& grid) {
  return SheetReader(context, grid).run(xml);
}

}  // namespace kinescape::xlsx
