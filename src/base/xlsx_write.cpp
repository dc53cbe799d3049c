// SPDX-License-Identifier: Apache-2.0
// Written here rather than by a library: numbers keep all their digits in any locale, nothing is
// put into temporary files, and the same grids give the same bytes.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/encoding_internal.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"
#include "base/xlsx_internal.hpp"
#include "base/zip_internal.hpp"

namespace kinescape {
namespace {

constexpr std::string_view xml_head =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::string_view main_space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view relation_space =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view package_space = "http://schemas.openxmlformats.org/package/2006";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The first `most` characters; "..." at the end if that is not all.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto lead = [](char c) { return !continues(c); };
  if (static_cast<std::size_t>(std::ranges::count_if(text, lead)) <= most) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t seen = 0; seen < most - 3; ++bytes) {
    if (bytes + 1 == text.size() || !continues(text[bytes + 1])) ++seen;
  }
  return std::string(text.substr(0, bytes)) + "...";
}

/// Text for XML; what XML cannot hold as Excel writes it ("_x0001_").
void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool control = static_cast<unsigned char>(c) < 0x20U && c != '\t' && c != '\n';
    const bool looks_escaped =
        text.substr(i).starts_with("_x") && i + 6 < text.size() && text[i + 6] == '_';
    if (control || looks_escaped) {
      out += fmt::format("_x{:04X}_", static_cast<unsigned char>(c));
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
}

/// Whether a spreadsheet shows the text unchanged when it is kept as a number: no leading zero or
/// sign that would be lost, and no more digits than a spreadsheet holds.
bool is_plain_number(std::string_view text) {
  const auto value = plain_number(text);
  if (!value) return false;
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.starts_with('+')) return false;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
  const bool whole = digits.find_first_not_of("0123456789") == std::string_view::npos;
  return !whole || digits.size() <= 15;  // a longer one is a bar code, not a count
}

/// A name that a spreadsheet accepts and no other sheet has.
std::string sheet_name(const Grid& sheet, std::size_t number, std::set<std::string>& taken) {
  std::string name;
  for (const char c : sheet.sheet()) {
    const bool allowed = static_cast<unsigned char>(c) >= 0x20U &&
                         std::string_view("[]:*?/\\").find(c) == std::string_view::npos;
    name += allowed ? c : '_';
  }
  if (name.empty()) name = fmt::format("Sheet{}", number);
  if (name.front() == '\'') name.front() = '_';
  if (name.back() == '\'') name.back() = '_';
  std::string out = cut(name, xlsx::most_name_characters);
  for (std::size_t n = 2; !taken.insert(lower(out)).second; ++n) {
    const std::string suffix = fmt::format(" ({})", n);
    out = cut(name, xlsx::most_name_characters - suffix.size()) + suffix;
  }
  return out;
}

std::string sheet_part(const Grid& sheet) {
  if (sheet.rows() > xlsx::most_rows) {
    throw UsageError(fmt::format("a worksheet holds at most {} rows", xlsx::most_rows));
  }
  std::string out = fmt::format("{}<worksheet xmlns=\"{}\"><sheetData>", xml_head, main_space);
  for (std::size_t row = 0; row < sheet.rows(); ++row) {
    if (sheet.columns(row) > xlsx::most_columns) {
      throw UsageError(fmt::format("a worksheet holds at most {} columns", xlsx::most_columns));
    }
    if (sheet.blank(row)) continue;
    out += fmt::format("<row r=\"{}\">", row + 1);
    for (std::size_t column = 0; column < sheet.columns(row); ++column) {
      const std::string_view cell = sheet.at(row, column);
      if (cell.empty()) continue;
      out += fmt::format("<c r=\"{}{}\"", column_letters(column + 1), row + 1);
      if (is_plain_number(cell)) {
        out += fmt::format("><v>{}</v></c>", exact(*plain_number(cell)));
      } else {
        out += " t=\"inlineStr\"><is><t xml:space=\"preserve\">";
        append_escaped(out, cut(cell, xlsx::most_characters));
        out += "</t></is></c>";
      }
    }
    out += "</row>";
  }
  return out + "</sheetData></worksheet>";
}

}  // namespace

std::string write_xlsx(const std::vector<Grid>& sheets) {
  if (sheets.empty()) throw UsageError("a workbook needs at least one worksheet");
  std::string types = fmt::format(
      "{}<Types xmlns=\"{}/content-types\"><Default Extension=\"rels\" ContentType=\""
      "application/vnd.openxmlformats-package.relationships+xml\"/>"
      "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
      "<Override PartName=\"/xl/workbook.xml\" ContentType=\""
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>",
      xml_head,
      package_space);
  std::string book = fmt::format(
      "{}<workbook xmlns=\"{}\" xmlns:r=\"{}\"><sheets>", xml_head, main_space, relation_space);
  std::string relations =
      fmt::format("{}<Relationships xmlns=\"{}/relationships\">", xml_head, package_space);
  const std::string root = fmt::format(
      "{0}<Relationship Id=\"rId1\" Type=\"{1}/officeDocument\" Target=\"xl/workbook.xml\"/>"
      "</Relationships>",
      relations,
      relation_space);
  std::set<std::string> taken;
  std::vector<std::pair<std::string, std::string>> parts(4);
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const std::size_t n = i + 1;
    types += fmt::format(
        "<Override PartName=\"/xl/worksheets/sheet{}.xml\" ContentType=\""
        "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>",
        n);
    book += "<sheet name=\"";
    append_escaped(book, sheet_name(sheets[i], n, taken));
    book += fmt::format("\" sheetId=\"{0}\" r:id=\"rId{0}\"/>", n);
    relations += fmt::format(
        "<Relationship Id=\"rId{0}\" Type=\"{1}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
        n,
        relation_space);
    parts.emplace_back(fmt::format("xl/worksheets/sheet{}.xml", n), sheet_part(sheets[i]));
  }
  parts[0] = {"[Content_Types].xml", types + "</Types>"};
  parts[1] = {"_rels/.rels", root};
  parts[2] = {"xl/workbook.xml", book + "</sheets></workbook>"};
  parts[3] = {"xl/_rels/workbook.xml.rels", relations + "</Relationships>"};
  return zip_of(parts);
}

}  // namespace kinescape
