// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/csv.hpp"
#include "base/csv_rows_internal.hpp"
#include "base/encoding_internal.hpp"
#include "base/errors.hpp"

namespace kinescape {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10U;

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

/// The decoded text of a file, a window at a time.
class Window {
 public:
  /// Opens the file; the reason if that is not possible.
  std::string open(const std::string& path) {
    errno = 0;
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (!file_) return std::strerror(errno);
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
    data_.resize(2 * chunk_bytes);
    raw_.resize(encoding::guess_bytes);
    raw_.resize(std::fread(raw_.data(), 1, raw_.size(), file_.get()));
    if (std::ferror(file_.get()) != 0) return std::strerror(errno);
    if (const auto binary = encoding::known_binary(raw_)) {
      not_text_ = binary;
      return "";
    }
    guess_ = encoding::guess(raw_);
    return restart(guess_.mark_bytes);
  }

  /// Starts over at a byte of the file.
  std::string restart(std::uint64_t offset) {
    size_ = 0;
    ended_ = false;
    decoder_ = encoding::Decoder(guess_);
    const int failed = fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET);
    return failed == 0 ? "" : std::strerror(errno);
  }

  /// Forgets what lies before `begin` and appends the next piece of the file. The reason on error.
  std::string read_more(std::size_t begin) {
    std::memmove(data_.data(), data_.data() + begin, size_ - begin);
    size_ -= begin;
    if (data_.size() < size_ + chunk_bytes) data_.resize(2 * data_.size());
    char* const to = data_.data() + size_;
    const std::size_t got = std::fread(to, 1, chunk_bytes, file_.get());
    if (std::ferror(file_.get()) != 0) return std::strerror(errno);
    ended_ = got < chunk_bytes;
    if (decoder_.passes_unchanged({to, got})) {
      decoder_.skipped(got);
      size_ += got;
      return "";
    }
    raw_.assign(to, got);
    decoded_.clear();
    decoder_.feed(raw_, ended_, decoded_);
    if (data_.size() < size_ + decoded_.size()) data_.resize(size_ + decoded_.size());
    std::memcpy(data_.data() + size_, decoded_.data(), decoded_.size());
    size_ += decoded_.size();
    return "";
  }

  [[nodiscard]] char* data() { return data_.data(); }
  [[nodiscard]] std::string_view text() const { return {data_.data(), size_}; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const encoding::Decoder& decoder() const { return decoder_; }
  [[nodiscard]] std::size_t mark_bytes() const { return guess_.mark_bytes; }
  [[nodiscard]] const std::optional<encoding::Fault>& not_text() const { return not_text_; }

 private:
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<char> data_;
  std::size_t size_ = 0;
  bool ended_ = false;
  std::string raw_, decoded_;
  encoding::Guess guess_;
  encoding::Decoder decoder_{encoding::Guess{}};
  std::optional<encoding::Fault> not_text_;
};

class Streamer {
 public:
  Streamer(const std::string& path,
           const CsvOptions& options,
           const std::function<bool(const StreamedRow&)>& row)
      : path_(path), options_(options), row_(row) {}

  Problems run(StreamStart start) {
    if (!check(window_.open(path_))) return problems_;
    if (window_.not_text()) {
      error(0, window_.not_text()->what, window_.not_text()->fix);
      return problems_;
    }
    // The dialect is told from the top of the file, wherever the rows begin.
    while (window_.text().size() <= csv::sample_bytes && more_to_read()) {
      if (!check(window_.read_more(0))) return problems_;
    }
    dialect_ = sniff_dialect(csv::sample_of(window_.text(), !more_to_read()), options_);
    line_ = start.line;
    offset_ = window_.mark_bytes();
    if (start.byte_offset > offset_) {
      offset_ = start.byte_offset;
      if (!check(window_.restart(offset_))) return problems_;
    }
    rows();
    warnings_.tell(problems_);
    return std::move(problems_);
  }

 private:
  [[nodiscard]] bool more_to_read() const { return !window_.ended() && !window_.decoder().fault(); }

  bool check(const std::string& failure) {
    if (failure.empty()) return true;
    error(0, "the file cannot be read: " + failure, "Check the path and the permissions.");
    return false;
  }

  void error(std::size_t line, const std::string& what, const std::string& fix) {
    problems_.push_back({{path_, line, 0, "", ""}, what, fix});
  }

  void rows() {
    csv::RowReader reader(dialect_.delimiter, {options_.max_line_bytes, options_.max_columns});
    auto look_again = [&](std::size_t begin) {
      const bool last = window_.ended() && !window_.decoder().fault();
      reader.set_text(window_.data(), begin, window_.text().size(), last);
    };
    look_again(0);
    while (true) {
      const csv::RowEnd end = reader.next();
      if (end == csv::RowEnd::row) {
        if (!deliver(reader)) return;
        continue;
      }
      if (end == csv::RowEnd::end_of_text) return;
      const std::string_view rest = window_.text().substr(reader.row_begin());
      if (end != csv::RowEnd::need_more) {
        problems_.push_back(csv::row_problem(end, reader, window_.text(), path_, line_, options_));
        return;
      }
      if (const auto& fault = window_.decoder().fault()) {
        error(line_ + encoding::line_of(rest, rest.size()) - 1, fault->what, fault->fix);
        return;
      }
      passed_ += reader.row_begin();
      if (!check(window_.read_more(reader.row_begin()))) return;
      look_again(0);
    }
  }

  /// Hands one row to the caller; false to stop.
  bool deliver(csv::RowReader& reader) {
    const std::string_view text = window_.text();
    const std::string_view row =
        text.substr(reader.row_begin(), reader.row_end() - reader.row_begin());
    if (!told_1252_ && window_.decoder().guessed_1252()) tell_1252(row, reader.row_begin());
    const std::size_t bytes = encoding::source_bytes(row, window_.decoder().kind());
    const std::size_t line = line_;
    const std::uint64_t offset = offset_;
    line_ += reader.row_lines();
    offset_ += bytes;
    if (line == 1 && csv::states_delimiter(csv::without_line_end(row))) return true;
    warnings_.see(reader, text, path_, line);
    reader.finish_cells();
    return row_({reader.cells(), line, offset, dialect_});
  }

  void tell_1252(std::string_view row, std::size_t row_begin) {
    const std::size_t at = *window_.decoder().guessed_1252() - passed_;
    if (at >= row_begin + row.size()) return;
    told_1252_ = true;
    Problem p;
    p.where.file = path_;
    p.where.line = line_ + encoding::line_of(row, at - row_begin) - 1;
    p.where.shown = encoding::line_around(row, at - row_begin);
    p.what = encoding::windows_1252_warning;
    p.fix = encoding::windows_1252_fix;
    p.severity = Severity::warning;
    problems_.push_back(std::move(p));
  }

  std::string path_;
  const CsvOptions& options_;
  const std::function<bool(const StreamedRow&)>& row_;
  Window window_;
  Dialect dialect_;
  csv::QuoteWarnings warnings_;
  Problems problems_;
  std::size_t line_ = 1;
  std::uint64_t offset_ = 0;  // of the next row in the file
  std::size_t passed_ = 0;    // decoded bytes that the window has forgotten
  bool told_1252_ = false;
};

}  // namespace

Problems stream_csv(const std::string& path,
                    const CsvOptions& options,
                    const std::function<bool(const StreamedRow&)>& row,
                    StreamStart start) {
  csv::check_options(options);
  return Streamer(path, options, row).run(start);
}

}  // namespace kinescape
