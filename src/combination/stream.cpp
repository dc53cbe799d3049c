// SPDX-License-Identifier: Apache-2.0
#include "combination/stream.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "combination/columns_internal.hpp"
#include "combination/rows_internal.hpp"

namespace kinescape::combination {
namespace {

constexpr std::size_t matrices_at_once = 64;
constexpr std::size_t most_rows = 100000;  // of one matrix

/// The rows of one matrix as they stand in the file.
struct Piece {
  std::string group;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;
  std::uint64_t next_byte = 0;  ///< Where the row after it begins.
  std::size_t next_line = 0;
};

struct Marker {
  std::string of;  ///< The input's hash and the options.
  std::uint64_t byte = 0, line = 1, matrices = 0, refused = 0, written = 0;
};

std::string text_of(const Marker& m) {
  std::ostringstream out;
  out << m.of << '\n'
      << m.byte << ' ' << m.line << ' ' << m.matrices << ' ' << m.refused << ' ' << m.written
      << '\n';
  return out.str();
}

/// What an earlier run of the same work left; nothing when there is none.
std::optional<Marker> marker_of(const std::filesystem::path& path, const std::string& of) {
  std::ifstream in(path);
  Marker m;
  if (!std::getline(in, m.of) || m.of != of) return std::nullopt;
  if (!(in >> m.byte >> m.line >> m.matrices >> m.refused >> m.written)) return std::nullopt;
  return m;
}

std::string name_of_work(const std::string& sha, const StreamOptions& o) {
  std::ostringstream out;
  out << sha << ' ' << exact(o.estimate.level) << ' ' << o.estimate.seed.value << ' '
      << o.estimate.draws << ' ' << name(o.estimate.effect) << ' ' << exact(o.estimate.doublings)
      << " response=" << o.read.response << " scale=" << o.read.scale
      << " unit=" << o.read.dose_unit << " unit_b=" << o.read.dose_unit_b << " line=" << o.read.line
      << " repeat=" << o.read.repeat;
  return out.str();
}

constexpr const char* header =
    "block,line,drug_a,drug_b,model,summary_points,summary_low_points,summary_high_points,"
    "peak_points,peak_low_points,peak_high_points,p,status,n,cells,undefined_cells,why\n";

std::string lines_of(const std::string& group, const PairResult& pair) {
  std::ostringstream out;
  for (const ScoreResult& s : pair.scores) {
    const std::vector<std::string> cells{group,
                                         pair.line,
                                         pair.drugs[0],
                                         pair.drugs[1],
                                         std::string(key(s.reference)),
                                         exact(s.summary.value),
                                         exact(s.summary.low),
                                         exact(s.summary.high),
                                         exact(s.peak.value),
                                         exact(s.peak.low),
                                         exact(s.peak.high),
                                         exact(s.p),
                                         std::string(name(s.summary.status)),
                                         std::to_string(s.summary.n),
                                         std::to_string(s.cells),
                                         std::to_string(s.undefined_cells),
                                         s.summary.why};
    write_csv_row(out, cells);
  }
  return out.str();
}

std::string refusal(const std::string& group, const std::string& why) {
  std::vector<std::string> cells(17);
  cells[0] = group;
  cells[12] = "failed";
  cells[16] = why;
  std::ostringstream out;
  write_csv_row(out, cells);
  return out.str();
}

class MatrixStream {
 public:
  MatrixStream(std::string path, std::filesystem::path output, const StreamOptions& options)
      : path_(std::move(path)), output_(std::move(output)), options_(options) {
    options_.estimate.surfaces = options_.estimate.specifications = false;
  }

  Checked<Streamed> run() {
    const auto sha = sha256_file(path_);
    problems_ = sha.problems;
    append(problems_, options_.estimate.check());
    if (!has_errors(problems_)) read_header();
    if (has_errors(problems_)) return finish();
    marker_.of = name_of_work(sha.value, options_);
    StreamStart start;
    if (const auto old = marker_of(marker_path(), marker_.of)) {
      std::error_code ignored;
      std::filesystem::resize_file(output_, old->written, ignored);
      if (!ignored) {
        marker_ = *old;
        start = {old->byte, old->line};
        done_.resumed = old->matrices;
      }
    }
    out_.open(output_, done_.resumed > 0 ? std::ios::app | std::ios::binary : std::ios::binary);
    if (!out_) throw FileError(output_.string(), "it cannot be written");
    if (done_.resumed == 0) write(header);
    CsvOptions csv;
    csv.decimal = options_.read.decimal;
    bool first = start.byte_offset == 0;
    append(problems_,
           stream_csv(
               path_,
               csv,
               [&](const StreamedRow& row) {
                 if (first) return first = false, true;
                 return take(row);
               },
               start));
    if (has_errors(problems_)) return finish();
    if (!stopped_) {
      close_piece(0, 0);
      flush();
      done_.complete = true;
      out_.close();
      std::filesystem::remove(marker_path());
    }
    return finish();
  }

 private:
  [[nodiscard]] std::filesystem::path marker_path() const { return output_.string() + ".resume"; }

  Checked<Streamed> finish() {
    done_.matrices = marker_.matrices;
    done_.refused = marker_.refused;
    return {done_, std::move(problems_)};
  }

  void write(const std::string& text) {
    out_ << text;
    marker_.written += text.size();
  }

  void read_header() {
    CsvOptions csv;
    append(problems_, stream_csv(path_, csv, [&](const StreamedRow& row) {
             for (const auto cell : row.cells) header_.emplace_back(trimmed(cell));
             delimiter_ = row.dialect.delimiter;
             return false;
           }));
    for (std::size_t c = 0; c < header_.size(); ++c) {
      std::string spelled;
      for (const char x : lower(header_[c])) {
        if ((x >= 'a' && x <= 'z') || (x >= '0' && x <= '9')) spelled += x;
      }
      const NamedColumn* named = look_up(spelled);
      if (named && named->kind == Kind::group) group_ = c;
    }
    if (group_ == SIZE_MAX) {
      problems_.push_back({{path_, 1, 0, "", ""},
                           "a stream of matrices needs a column block_id, and this file has none",
                           "Number the matrices in block_id and keep the rows of each together.",
                           Severity::error});
    }
  }

  bool take(const StreamedRow& row) {
    bool blank = true;
    for (const auto cell : row.cells) blank = blank && trimmed(cell).empty();
    if (blank) return true;
    const std::string group(group_ < row.cells.size() ? trimmed(row.cells[group_]) : "");
    if (!piece_.rows.empty() && group != piece_.group) {
      close_piece(row.byte_offset, row.line);
      if (pieces_.size() >= matrices_at_once && !flush()) return false;
    }
    if (piece_.rows.size() >= most_rows) {
      problems_.push_back({{path_, row.line, 0, "", ""},
                           "matrix \"" + printable(group) + "\" has more than 100,000 rows",
                           "Check that block_id numbers the matrices.",
                           Severity::error});
      return false;
    }
    piece_.group = group;
    std::vector<std::string> cells;
    for (const auto cell : row.cells) cells.emplace_back(cell);
    piece_.rows.push_back(std::move(cells));
    piece_.lines.push_back(row.line);
    return true;
  }

  void close_piece(std::uint64_t next_byte, std::size_t next_line) {
    if (piece_.rows.empty()) return;
    piece_.next_byte = next_byte;
    piece_.next_line = next_line;
    pieces_.push_back(std::move(piece_));
    piece_ = {};
  }

  /// One matrix to its lines; `first` problem in `why` when it cannot be read.
  std::string score_piece(const Piece& piece, std::string& why) const {
    Grid grid(path_, "");
    grid.set_delimiter(delimiter_);
    grid.set_decimal(options_.read.decimal);
    grid.add_row(header_, 1);
    for (std::size_t i = 0; i < piece.rows.size(); ++i) grid.add_row(piece.rows[i], piece.lines[i]);
    auto rows = read_long(grid, options_.read);
    if (!rows) {
      why = "the columns are not those of a combination table";
      return refusal(piece.group, why);
    }
    Problems problems = std::move(rows->problems);
    for (const Problem& p : problems) {
      if (p.what.find("was read as percent") != std::string::npos ||
          p.what.find("was read as fraction") != std::string::npos) {
        why = "a stream is not told its scale matrix by matrix: give --scale";
        return refusal(piece.group, why);
      }
    }
    Checked<std::vector<Block>> blocks;
    if (!has_errors(problems)) {
      rows->value.groups_are_blocks = false;  // one matrix: its number is no repeat
      blocks = assemble(rows->value, path_);
      append(problems, std::move(blocks.problems));
    }
    if (has_errors(problems) || blocks.value.empty()) {
      for (const Problem& p : problems) {
        if (p.severity == Severity::error && why.empty()) why = p.what;
      }
      return refusal(piece.group, why);
    }
    std::string out;
    for (const Block& b : blocks.value) {
      out += lines_of(piece.group, estimate_block(b, options_.estimate));
    }
    return out;
  }

  /// Scores what was gathered, in order; false when the run is to stop.
  bool flush() {
    std::vector<std::string> text(pieces_.size()), why(pieces_.size());
    parallel_for(pieces_.size(), options_.estimate.threads, [&](std::size_t i) {
      text[i] = score_piece(pieces_[i], why[i]);
    });
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      write(text[i]);
      ++marker_.matrices;
      marker_.refused += !why[i].empty();
    }
    if (pieces_.empty()) return true;
    marker_.byte = pieces_.back().next_byte;
    marker_.line = pieces_.back().next_line;
    pieces_.clear();
    out_.flush();
    if (!out_) throw FileError(output_.string(), "it could not be written (is the disk full?)");
    if (marker_.byte > 0) write_file(marker_path(), text_of(marker_));
    if (options_.estimate.progress) {
      options_.estimate.progress({"scoring matrices", marker_.matrices, 0});
    }
    stopped_ = options_.stop_after > 0 && marker_.matrices >= options_.stop_after;
    return !stopped_;
  }

  std::string path_;
  std::filesystem::path output_;
  StreamOptions options_;
  Problems problems_;
  std::vector<std::string> header_;
  char delimiter_ = ',';
  std::size_t group_ = SIZE_MAX;
  Marker marker_;
  Streamed done_;
  Piece piece_;
  std::vector<Piece> pieces_;
  std::ofstream out_;
  bool stopped_ = false;
};

}  // namespace

Checked<Streamed> stream(const std::string& path,
                         const std::filesystem::path& output,
                         const StreamOptions& options) {
  return MatrixStream(path, output, options).run();
}

}  // namespace kinescape::combination
