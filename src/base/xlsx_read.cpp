// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/encoding_internal.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"
#include "base/xlsx_internal.hpp"
#include "base/zip_internal.hpp"

namespace kinescape {
namespace {

using Event = XmlPull::Event;

struct Relation {
  std::string type, part;
};

struct Sheet {
  std::string name, part;
};

class WorkbookReader {
 public:
  WorkbookReader(std::string_view bytes, const std::string& file, const XlsxLimits& limits)
      : file_(file),
        zip_(bytes, limits.max_part_bytes, limits.max_total_bytes),
        budget_{limits.max_cells, limits.max_total_bytes} {}

  Checked<std::vector<Grid>> run();

 private:
  void problem(const std::string& what, const std::string& fix);
  std::optional<std::string> part(const std::string& name);
  std::string workbook_part();
  std::map<std::string, Relation> relations_of(const std::string& part_name);
  std::vector<Sheet> sheets_of(const std::string& workbook);
  void read_shared(const std::string& name);
  Grid read_sheet(const Sheet& sheet);
  void damaged(const std::string& part_name, const XmlPull& xml);

  const std::string& file_;
  ZipParts zip_;
  xlsx::Budget budget_;
  std::vector<std::string> shared_;
  std::string shared_part_;
  Problems problems_;
};

void WorkbookReader::problem(const std::string& what, const std::string& fix) {
  if (problems_.size() < xlsx::most_problems)
    problems_.push_back({{file_, 0, 0, "", ""}, what, fix});
}

void WorkbookReader::damaged(const std::string& part_name, const XmlPull& xml) {
  problem(fmt::format("the workbook is damaged: {} at byte {} of its part \"{}\"",
                      xml.error().empty() ? "unexpected content" : xml.error(),
                      xml.position(),
                      printable(part_name)),
          xlsx::save_again);
}

/// A part as valid UTF-8, or a problem.
std::optional<std::string> WorkbookReader::part(const std::string& name) {
  ZipParts::Part found = zip_.read(name);
  if (!found.failure.empty()) {
    problem(fmt::format(
                "the workbook's part \"{}\" cannot be read: {}", printable(name), found.failure),
            xlsx::save_again);
    return std::nullopt;
  }
  if (encoding::plain_ascii(found.bytes)) return std::move(found.bytes);
  Checked<std::string> text = decode_text(found.bytes, file_);
  if (text.problems.empty()) return std::move(text.value);
  problem(fmt::format("the workbook's part \"{}\" is not valid text", printable(name)),
          xlsx::save_again);
  return std::nullopt;
}

/// The part that a relation of `from` names: relative to its folder, or from the root.
std::string resolved(const std::string& from, std::string target) {
  std::ranges::replace(target, '\\', '/');
  std::string path =
      target.starts_with('/') ? target.substr(1) : from.substr(0, from.rfind('/') + 1) + target;
  std::vector<std::string_view> steps;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view step = rest.substr(0, end);
    if (step == "..") {
      if (!steps.empty()) steps.pop_back();
    } else if (!step.empty() && step != ".") {
      steps.push_back(step);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fmt::format("{}", fmt::join(steps, "/"));
}

std::map<std::string, Relation> WorkbookReader::relations_of(const std::string& part_name) {
  std::map<std::string, Relation> out;
  const std::size_t slash = part_name.rfind('/') + 1;  // 0 if there is none
  const std::string name =
      part_name.substr(0, slash) + "_rels/" + part_name.substr(slash) + ".rels";
  if (!zip_.has(name)) return out;
  const auto text = part(name);
  if (!text) return out;
  XmlPull xml(*text);
  for (Event e = xml.next(); e != Event::done; e = xml.next()) {
    if (e == Event::error) {
      damaged(name, xml);
      break;
    }
    if (e != Event::start || xml.name() != "Relationship") continue;
    const auto id = xml.attribute("Id"), type = xml.attribute("Type"),
               target = xml.attribute("Target");
    if (!id || !target || xml.attribute("TargetMode") == "External") continue;
    const std::string kind = type.value_or("");
    out[*id] = {kind.substr(kind.rfind('/') + 1), resolved(part_name, *target)};
  }
  return out;
}

std::string WorkbookReader::workbook_part() {
  for (const auto& [id, relation] : relations_of("")) {
    if (relation.type == "officeDocument") return relation.part;
  }
  return "xl/workbook.xml";
}

std::vector<Sheet> WorkbookReader::sheets_of(const std::string& workbook) {
  std::vector<Sheet> sheets;
  const auto text = part(workbook);
  if (!text) return sheets;
  const auto relations = relations_of(workbook);
  for (const auto& [id, relation] : relations) {
    if (relation.type == "sharedStrings") shared_part_ = relation.part;
  }
  XmlPull xml(*text);
  for (Event e = xml.next(); e != Event::done; e = xml.next()) {
    if (e == Event::error) {
      damaged(workbook, xml);
      return {};
    }
    if (e != Event::start || xml.name() != "sheet" || xml.depth() != 3) continue;
    const std::string name = xml.attribute("name").value_or("");
    const auto relation = relations.find(xml.attribute("id").value_or(""));
    if (relation == relations.end()) {
      problem(fmt::format("the workbook is damaged: the sheet \"{}\" has no part", printable(name)),
              xlsx::save_again);
    } else if (relation->second.type == "worksheet") {  // a chart sheet holds no cells
      sheets.push_back({name, relation->second.part});
    }
  }
  return sheets;
}

void WorkbookReader::read_shared(const std::string& name) {
  const auto text = part(name);
  if (!text) return;
  XmlPull xml(*text);
  xlsx::RichText rich;
  for (Event e = xml.next(); e != Event::done; e = xml.next()) {
    bool good = e != Event::error;
    if (e == Event::start) rich.start(xml.name());
    if (e == Event::text) good = rich.text(xml);
    if (e == Event::end) rich.end(xml.name());
    if (e == Event::end && xml.name() == "si") {
      if (budget_.cells == 0) {
        problem("the workbook holds more strings than are read", "Split the workbook.");
        return;
      }
      --budget_.cells;
      shared_.push_back(rich.take());
    }
    if (!good) {
      damaged(name, xml);
      return;
    }
  }
}

Grid WorkbookReader::read_sheet(const Sheet& sheet) {
  Grid grid(file_, sheet.name);
  const auto text = part(sheet.part);
  if (!text) return grid;
  XmlPull xml(*text);
  xlsx::SheetContext context{file_, shared_, budget_, problems_};
  if (!xlsx::read_cells(xml, context, grid)) damaged(sheet.part, xml);
  return grid;
}

Checked<std::vector<Grid>> WorkbookReader::run() {
  Checked<std::vector<Grid>> out;
  if (!zip_.failure().empty()) {
    problem("the workbook is damaged or cut off: " + zip_.failure(), "Copy or export it again.");
  } else if (const std::string book = workbook_part(); !zip_.has(book) || book.ends_with(".bin")) {
    problem("this is a zip container, but not an .xlsx workbook", xlsx::save_again);
  } else {
    const std::vector<Sheet> sheets = sheets_of(book);
    if (!shared_part_.empty() && !has_errors(problems_)) read_shared(shared_part_);
    // A sheet whose strings are missing would repeat the same fault for each of its cells.
    if (!has_errors(problems_)) {
      for (const Sheet& sheet : sheets) out.value.push_back(read_sheet(sheet));
      if (sheets.empty()) problem("the workbook has no worksheet", xlsx::save_again);
    }
  }
  out.problems = std::move(problems_);
  if (has_errors(out.problems)) out.value.clear();
  return out;
}

}  // namespace

bool looks_like_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

Checked<std::vector<Grid>> read_xlsx(std::string_view bytes,
                                     const std::string& file,
                                     const XlsxLimits& limits) {
  return WorkbookReader(bytes, file, limits).run();
}

}  // namespace kinescape
