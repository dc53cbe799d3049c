// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "base/csv_rows_internal.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"

namespace kinescape {
namespace csv {

void check_options(const CsvOptions& options) {
  if (!options.delimiter) return;
  const char d = *options.delimiter;
  if (d == '"' || d == '\n' || d == '\r' || d == '\0' || static_cast<unsigned char>(d) >= 0x80U) {
    throw UsageError("a delimiter is one ASCII character, and no quote, line end or NUL");
  }
}

Problem row_problem(RowEnd end,
                    const RowReader& reader,
                    std::string_view text,
                    const std::string& file,
                    std::size_t line,
                    const CsvOptions& options) {
  Problem p;
  p.where.file = file;
  p.where.line = line;
  const std::string_view row = text.substr(reader.row_begin());
  p.where.shown = printable(row.substr(0, std::min<std::size_t>(row.size(), 400)), 80);
  switch (end) {
    case RowEnd::open_quote:
      p.where.line = line + reader.open_quote_line();
      p.what = "a quote opens here and is not closed";
      if (row.size() > options.max_line_bytes) {
        p.what += fmt::format(" within {} bytes", options.max_line_bytes);
      }
      p.fix = "Close the quote, or write a quote inside a cell as two (\"\").";
      break;
    case RowEnd::line_too_long:
      p.what = fmt::format("the line is longer than {} bytes", options.max_line_bytes);
      p.fix = "Check that this is a table with one row a line.";
      break;
    case RowEnd::too_many_cells:
      p.what = fmt::format("the line has more than {} cells", options.max_columns);
      p.fix = "Check that this is a table and its delimiter.";
      break;
    case RowEnd::row:
    case RowEnd::need_more:
    case RowEnd::end_of_text:
      throw InternalError("row_problem: there is none");
  }
  return p;
}

void QuoteWarnings::see(const RowReader& reader,
                        std::string_view text,
                        const std::string& file,
                        std::size_t line) {
  if (!reader.text_after_quote() || count_++ > 0) return;
  first_.where.file = file;
  first_.where.line = line;
  const std::size_t bytes = std::min<std::size_t>(reader.row_end() - reader.row_begin(), 400);
  first_.where.shown = printable(trimmed(text.substr(reader.row_begin(), bytes)), 80);
  first_.what = "text follows a closing quote; both were kept as one cell";
  first_.fix = "Write a quote inside a quoted cell as two (\"\").";
  first_.severity = Severity::warning;
}

void QuoteWarnings::tell(Problems& problems) {
  if (count_ == 0) return;
  if (count_ > 1) first_.what += fmt::format(" (and on {} more lines)", count_ - 1);
  problems.push_back(first_);
}

}  // namespace csv

namespace {

constexpr std::array<char, 4> candidates = {',', ';', '\t', '|'};

/// Whether the cell would look torn if `delimiter` were the delimiter: it still holds another one.
bool torn(std::string_view cell, char delimiter) {
  auto holds = [cell](char c) { return cell.find(c) != std::string_view::npos; };
  if (delimiter == '\t') return false;
  if (holds('\t')) return true;
  if (delimiter == ',') return holds(';');
  if (delimiter == '|') return holds(';') || holds(',');
  // A decimal comma does not count against ';'.
  if (!holds(',')) return false;
  const NumberKind kind = parse_number(cell).kind;
  return kind != NumberKind::number && kind != NumberKind::ambiguous;
}

/// Calls f(cells) for every row of the sample that has any.
template <class F>
void for_rows(std::string sample, char delimiter, const CsvOptions& options, F f) {
  csv::RowReader reader(delimiter, {options.max_line_bytes, options.max_columns});
  reader.set_text(sample.data(), 0, sample.size(), true);
  while (reader.next() == csv::RowEnd::row) {
    reader.finish_cells();
    if (!reader.cells().empty()) f(reader.cells());
  }
}

/// How well the delimiter explains the sample: whole cells against torn ones, where lines that have
/// as many cells as a neighbour count ten times as much.
double explains(std::string_view sample, char delimiter, const CsvOptions& options) {
  struct Line {
    std::size_t cells;
    double worth;
  };
  std::vector<Line> lines;
  for_rows(std::string(sample), delimiter, options, [&](std::span<const std::string_view> cells) {
    double worth = 0.0;
    for (const auto cell : cells) worth += torn(cell, delimiter) ? -1.0 : 1.0;
    lines.push_back({cells.size(), worth});
  });
  double sum = 0.0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].cells < 2) continue;
    const bool like_a_neighbour = (i > 0 && lines[i - 1].cells == lines[i].cells) ||
                                  (i + 1 < lines.size() && lines[i + 1].cells == lines[i].cells);
    sum += (like_a_neighbour ? 1.0 : 0.1) * lines[i].worth;
  }
  return sum;
}

/// Counts what the cells of a sample say about the decimal mark.
struct DecimalEvidence {
  std::size_t comma = 0, point = 0, ambiguous = 0;

  void see(std::string_view cell) {
    const std::size_t last = cell.find_last_of(",.");
    if (last == std::string_view::npos) return;
    const NumberKind kind = parse_number(cell).kind;
    if (kind == NumberKind::ambiguous) ++ambiguous;
    if (kind != NumberKind::number) return;
    const bool once = cell.find_first_of(cell[last]) == last;
    const bool is_comma = cell[last] == ',';
    // "1.234" says nothing: with a decimal comma it would be a grouped number.
    if (once && !is_comma && cell.find(',') == std::string_view::npos &&
        parse_number(cell, Decimal::comma).kind == NumberKind::number) {
      return;
    }
    // A mark that stands twice groups, and the decimal mark is the other one.
    (is_comma == once ? comma : point) += 1;
  }

  [[nodiscard]] bool says_comma() const {
    // One stray "2.07" (a program version) does not overrule a file of decimal commas, but when in
    // doubt the file stays unstated and "1,234" is refused.
    return comma > 0 && comma >= 20 * point && 10 * comma >= ambiguous;
  }
};

}  // namespace

Dialect sniff_dialect(std::string_view sample, const CsvOptions& options) {
  csv::check_options(options);
  sample = csv::sample_of(sample, true);
  Dialect dialect;
  dialect.decimal = options.decimal;
  const std::string_view top = sample.substr(0, sample.find_first_of("\r\n"));
  if (options.delimiter) {
    dialect.delimiter = *options.delimiter;
  } else if (csv::states_delimiter(top)) {
    dialect.delimiter = top[4];
  } else {
    double best = 0.0;
    for (const char candidate : candidates) {
      if (sample.find(candidate) == std::string_view::npos) continue;
      const double worth = explains(sample, candidate, options);
      if (worth > best) {
        best = worth;
        dialect.delimiter = candidate;
      }
    }
  }
  if (dialect.decimal == Decimal::unstated) {
    DecimalEvidence evidence;
    for_rows(std::string(sample),
             dialect.delimiter,
             options,
             [&](std::span<const std::string_view> cells) {
               for (const auto cell : cells) evidence.see(trimmed(cell));
             });
    if (evidence.says_comma()) dialect.decimal = Decimal::comma;
  }
  return dialect;
}

Checked<Grid> read_csv(std::string_view bytes, const std::string& file, const CsvOptions& options) {
  csv::check_options(options);
  Checked<std::string> text = decode_text(bytes, file);
  Checked<Grid> out{Grid(file, ""), std::move(text.problems)};
  if (has_errors(out.problems)) return out;
  const Dialect dialect = sniff_dialect(text.value, options);
  out.value.set_decimal(dialect.decimal);
  out.value.set_delimiter(dialect.delimiter);

  csv::RowReader reader(dialect.delimiter, {options.max_line_bytes, options.max_columns});
  reader.set_text(text.value.data(), 0, text.value.size(), true);
  csv::QuoteWarnings warnings;
  std::size_t line = 1, cells = 0;
  csv::RowEnd end = reader.next();
  for (; end == csv::RowEnd::row; line += reader.row_lines(), end = reader.next()) {
    const std::string_view row(text.value.data() + reader.row_begin(),
                               reader.row_end() - reader.row_begin());
    if (line == 1 && csv::states_delimiter(csv::without_line_end(row))) continue;
    warnings.see(reader, text.value, file, line);
    reader.finish_cells();
    cells += 1 + reader.cells().size();
    if (cells > options.max_cells) {
      out.problems.push_back({{file, line, 0, "", ""},
                              fmt::format("the table has more than {} cells", options.max_cells),
                              "Split the file."});
      return out;
    }
    std::vector<std::string> copied;
    copied.reserve(reader.cells().size());
    for (const auto cell : reader.cells()) copied.emplace_back(cell);
    out.value.add_row(std::move(copied), line);
  }
  if (end != csv::RowEnd::end_of_text) {
    out.problems.push_back(csv::row_problem(end, reader, text.value, file, line, options));
  }
  warnings.tell(out.problems);
  return out;
}

void write_csv_row(std::ostream& out, std::span<const std::string> cells, char delimiter) {
  bool first = true;
  for (const std::string& cell : cells) {
    if (!first) out << delimiter;
    first = false;
    const bool spaced = !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
    const bool quoted = spaced || cell.find_first_of("\"\r\n") != std::string::npos ||
                        cell.find(delimiter) != std::string::npos ||
                        (cell.empty() && cells.size() == 1);  // else a blank line: no cell at all
    if (!quoted) {
      out << cell;
      continue;
    }
    out << '"';
    for (const char c : cell) {
      if (c == '"') out << '"';
      out << c;
    }
    out << '"';
  }
  out << '\n';
}

}  // namespace kinescape
