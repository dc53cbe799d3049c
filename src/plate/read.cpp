// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"
#include "plate/cells_internal.hpp"
#include "plate/layout_internal.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::plate {
namespace {

/// More is no plate file; long tables of finished viabilities are streamed as screens.
constexpr std::size_t most_file_bytes = std::size_t{256} << 20U;

/// Files of another kind altogether, told by their first bytes.
std::string foreign_kind(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xD0\xCF\x11\xE0"sv)) return "an old Excel (.xls) or SoftMax (.sda) file";
  if (bytes.starts_with("%PDF"sv)) return "a PDF file";
  if (bytes.starts_with("\x89PNG"sv) || bytes.starts_with("\xFF\xD8\xFF"sv) ||
      bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) {
    return "an image";
  }
  if (bytes.starts_with("\x1F\x8B"sv)) return "a gzip file";
  if (bytes.starts_with("7z\xBC\xAF"sv)) return "a 7-zip file";
  return {};
}

void read_text(std::string_view bytes, Decimal decimal, Source& source, Problems& problems) {
  auto text = decode_text(bytes, source.file);
  append(problems, std::move(text.problems));
  source.text = std::move(text.value);
  source.lines = split_lines(source.text);
  CsvOptions options;
  options.decimal = decimal;
  auto grid = read_csv(source.text, source.file, options);
  append(problems, std::move(grid.problems));
  source.grids.push_back(std::move(grid.value));
}

struct Opened {
  Layout layout;
  bool given = false;
};

Checked<PlateSet> read_file_bytes(std::string_view bytes,
                                  const std::string& file,
                                  const Opened& layout,
                                  const ReadOptions& options) {
  auto source = open_source(bytes, file, options.decimal);
  if (!source.ok()) return {{}, std::move(source.problems)};
  auto read = read_source(*source.value, options);
  Problems problems = std::move(source.problems);
  append(problems, std::move(read.problems));
  if (layout.given && !has_errors(problems)) apply_layout(layout.layout, read.value, problems);
  return {std::move(read.value), std::move(problems)};
}

Opened open_layout(std::string_view bytes,
                   const ReadOptions& options,
                   const FileOpener& open_other,
                   Problems& problems) {
  if (options.layout.empty() && bytes.empty()) return {};
  auto read = read_layout(bytes, options.layout, options, open_other);
  const bool usable = read.ok();
  append(problems, std::move(read.problems));
  return {std::move(read.value), usable};
}

void finish(std::vector<PlateSet> files, const ReadOptions& options, Checked<PlateSet>& result) {
  join(std::move(files), result.value, result.problems);
  choose_channel(result.value, options, result.problems);
  bound_censored(result.value);
  check(result.value, options, result.problems);
}

}  // namespace

Checked<std::unique_ptr<Source>> open_source(std::string_view bytes,
                                             const std::string& file,
                                             Decimal decimal) {
  Checked<std::unique_ptr<Source>> result;
  result.value = std::make_unique<Source>();
  Source& source = *result.value;
  source.file = file;
  const std::string foreign = foreign_kind(bytes);
  if (!foreign.empty()) {
    result.problems.push_back({{file, 0, 0, "", ""},
                               "this is " + foreign + ", which Kinescape does not read",
                               "Export the plate as text, CSV or .xlsx.",
                               Severity::error});
    return result;
  }
  if (looks_like_zip(bytes)) {
    source.workbook = true;
    auto sheets = read_xlsx(bytes, file);
    source.grids = std::move(sheets.value);
    append(result.problems, std::move(sheets.problems));
  } else {
    read_text(bytes, decimal, source, result.problems);
  }
  const bool anything = std::any_of(source.grids.begin(), source.grids.end(), [](const Grid& grid) {
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      if (!grid.blank(row)) return true;
    }
    return false;
  });
  if (!anything && !has_errors(result.problems)) {
    result.problems.push_back(
        {{file, 0, 0, "", ""}, "the file holds nothing", "Export it again.", Severity::error});
  }
  return result;
}

Checked<PlateSet> read_source(const Source& source, const ReadOptions& options) {
  const FileForm* best = nullptr;
  const FileForm* second = nullptr;
  int best_score = 0;
  int second_score = 0;
  for (const FileForm& form : file_forms()) {
    const int score = form.score(source);
    if (score > best_score) {
      second = best;
      second_score = best_score;
      best = &form;
      best_score = score;
    } else if (score > second_score) {
      second = &form;
      second_score = score;
    }
  }
  if (best != nullptr && best_score > second_score) return best->read(source, options);
  Checked<PlateSet> result;
  Problem problem;
  problem.where.file = source.file;
  if (best != nullptr) {
    problem.what =
        "the file reads as " + std::string(best->name) + " and as " + std::string(second->name);
    problem.fix = "Keep one of the two in a file of its own.";
  } else {
    problem.what = "the file has none of the forms that Kinescape knows";
    problem.fix = "Looked for:";
    for (const FileForm& form : file_forms()) {
      problem.fix += "\n     " + std::string(form.name) + ": " + std::string(form.looked_for);
    }
    if (!source.lines.empty()) problem.where.shown = printable(source.lines.front(), 100);
  }
  result.problems.push_back(std::move(problem));
  return result;
}

Checked<PlateSet> read_plates(const std::vector<std::string>& paths, const ReadOptions& options) {
  Checked<PlateSet> result;
  if (paths.empty()) throw UsageError("no plate file was named");
  std::string layout_bytes;
  if (!options.layout.empty()) {
    auto bytes = read_file(options.layout, most_file_bytes);
    append(result.problems, std::move(bytes.problems));
    layout_bytes = std::move(bytes.value);
  }
  const auto folder = std::filesystem::path(options.layout).parent_path();
  Opened layout;
  if (!has_errors(result.problems)) {
    layout = open_layout(
        layout_bytes,
        options,
        [&](const std::string& name) {
          return read_file((folder / name).string(), most_file_bytes);
        },
        result.problems);
  }
  std::vector<PlateSet> files;
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    if (!seen.insert(path).second) {
      result.problems.push_back({{path, 0, 0, "", ""},
                                 "the file is named twice",
                                 "Name it once: its wells would count double.",
                                 Severity::error});
      continue;
    }
    auto bytes = read_file(path, most_file_bytes);
    append(result.problems, std::move(bytes.problems));
    if (bytes.value.empty() && has_errors(result.problems)) continue;
    auto read = read_file_bytes(bytes.value, path, layout, options);
    append(result.problems, std::move(read.problems));
    files.push_back(std::move(read.value));
  }
  finish(std::move(files), options, result);
  return result;
}

Checked<PlateSet> read_plates(std::string_view bytes,
                              const std::string& file,
                              std::string_view layout_bytes,
                              const ReadOptions& options) {
  Checked<PlateSet> result;
  const auto refuse = [&](const std::string& name) {
    Checked<std::string> none;
    none.problems.push_back(
        {{options.layout, 0, 0, "", ""},
         "the layout names another file, \"" + printable(name) + "\", which is not at hand",
         "Give a layout that stands alone.",
         Severity::error});
    return none;
  };
  const Opened layout =
      layout_bytes.empty() ? Opened{} : open_layout(layout_bytes, options, refuse, result.problems);
  auto read = read_file_bytes(bytes, file, layout, options);
  append(result.problems, std::move(read.problems));
  std::vector<PlateSet> files;
  files.push_back(std::move(read.value));
  finish(std::move(files), options, result);
  return result;
}

}  // namespace kinescape::plate
