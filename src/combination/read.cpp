// SPDX-License-Identifier: Apache-2.0
// Files to rows, whatever their form; which reader takes a file is told by its content.
#include "combination/read.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"
#include "combination/rows_internal.hpp"

namespace kinescape::combination {
namespace {

constexpr std::size_t most_file_bytes = std::size_t{256} << 20U;

Checked<std::vector<Grid>> grids_of(std::string_view bytes,
                                    const std::string& file,
                                    Decimal decimal) {
  if (looks_like_zip(bytes)) return read_xlsx(bytes, file);
  Checked<std::vector<Grid>> out;
  auto text = decode_text(bytes, file);
  append(out.problems, std::move(text.problems));
  if (has_errors(out.problems)) return out;
  CsvOptions csv;
  csv.decimal = decimal;
  auto grid = read_csv(text.value, file, csv);
  append(out.problems, std::move(grid.problems));
  out.value.push_back(std::move(grid.value));
  return out;
}

/// The tables of one file as rows; nothing when none of its sheets is such a table.
std::optional<Checked<Rows>> tables_of(std::string_view bytes,
                                       const std::string& file,
                                       const ReadOptions& options) {
  auto grids = grids_of(bytes, file, options.decimal);
  if (has_errors(grids.problems)) return std::nullopt;
  std::optional<Checked<Rows>> out;
  for (const Grid& grid : grids.value) {
    auto rows = read_long(grid, options);
    if (!rows) rows = read_matrix(grid, options);
    if (!rows) continue;
    if (!out) {
      out = std::move(rows);
      append(out->problems, std::move(grids.problems));
    } else {
      append(out->problems, std::move(rows->problems));
      for (Row& r : rows->value.rows) out->value.rows.push_back(std::move(r));
    }
  }
  return out;
}

plate::ReadOptions plate_options(const ReadOptions& options) {
  plate::ReadOptions out;
  out.layout = options.layout;
  out.decimal = options.decimal;
  out.channel = options.channel;
  out.dose_unit = options.dose_unit;
  out.repeat = options.repeat;
  out.line = options.line;
  out.response = options.response;
  return out;
}

void join(Rows more, std::size_t file, bool several, Rows& all) {
  all.repeats_named = all.repeats_named || more.repeats_named;
  all.groups_are_blocks = all.groups_are_blocks || more.groups_are_blocks;
  all.excluded += more.excluded;
  for (Row& r : more.rows) {
    // Files of one experiment: a matrix a file is a repeat a file, unless the file says.
    if (several && r.repeat.empty()) r.repeat = "file " + std::to_string(file + 1);
    all.rows.push_back(std::move(r));
  }
  if (several) all.repeats_named = true;
}

}  // namespace

Checked<std::vector<Block>> read(std::string_view bytes,
                                 const std::string& file,
                                 const ReadOptions& options) {
  Checked<std::vector<Block>> out;
  if (auto rows = tables_of(bytes, file, options)) {
    out.problems = std::move(rows->problems);
    if (has_errors(out.problems)) return out;
    auto blocks = assemble(rows->value, file);
    append(out.problems, std::move(blocks.problems));
    out.value = std::move(blocks.value);
    return out;
  }
  auto plates = plate::read_plates(bytes, file, "", plate_options(options));
  out.problems = std::move(plates.problems);
  if (has_errors(out.problems)) return out;
  auto blocks = blocks_of(plates.value);
  append(out.problems, std::move(blocks.problems));
  out.value = std::move(blocks.value);
  return out;
}

Checked<std::vector<Block>> read(const std::vector<std::string>& paths,
                                 const ReadOptions& options) {
  Checked<std::vector<Block>> out;
  Rows all;
  std::vector<std::string> plates;
  std::set<std::string> seen;
  std::size_t tables = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!seen.insert(paths[i]).second) {
      out.problems.push_back({{paths[i], 0, 0, "", ""},
                              "the file is named twice",
                              "Name it once: its wells would count double.",
                              Severity::error});
      continue;
    }
    auto bytes = read_file(paths[i], most_file_bytes);
    append(out.problems, bytes.problems);
    if (!bytes.ok()) continue;
    auto rows = options.layout.empty() ? tables_of(bytes.value, paths[i], options) : std::nullopt;
    if (!rows) {
      plates.push_back(paths[i]);
      continue;
    }
    ++tables;
    append(out.problems, std::move(rows->problems));
    join(std::move(rows->value), i, paths.size() > 1, all);
  }
  if (tables > 0 && !plates.empty()) {
    out.problems.push_back({{plates.front(), 0, 0, "", ""},
                            "the file is not a table of doses and responses as the others are",
                            "Analyse finished tables and raw plates in runs of their own.",
                            Severity::error});
  }
  if (has_errors(out.problems)) return out;
  Checked<std::vector<Block>> blocks;
  if (tables > 0) {
    blocks = assemble(all, paths.front());
  } else {
    auto read = plate::read_plates(plates, plate_options(options));
    append(out.problems, std::move(read.problems));
    if (has_errors(out.problems)) return out;
    blocks = blocks_of(read.value);
  }
  append(out.problems, std::move(blocks.problems));
  out.value = std::move(blocks.value);
  return out;
}

}  // namespace kinescape::combination
