// SPDX-License-Identifier: Apache-2.0
/// \file Splits decoded text into rows of cells. The one tokenizer behind read_csv and stream_csv.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/csv.hpp"

namespace kinescape::csv {

/// Bytes of decoded text from whose whole lines the dialect is told, in file and stream alike.
inline constexpr std::size_t sample_bytes = std::size_t{256} << 10U;

/// The part of `text` that sniff_dialect looks at: whole lines, unless the text ends before.
[[nodiscard]] std::string_view sample_of(std::string_view text, bool text_is_whole);

[[nodiscard]] std::string_view without_line_end(std::string_view row);

/// Whether `line` is Excel's "sep=;".
[[nodiscard]] bool states_delimiter(std::string_view line);

enum class RowEnd {
  row,          ///< A row was read.
  need_more,    ///< The text ends inside a row, and more may follow.
  end_of_text,  ///< Nothing is left.
  open_quote,   ///< The text ends inside quotes, or the row is longer than allowed there.
  line_too_long,
  too_many_cells,
};

/// Finds delimiters, line ends and quotes, 64 bytes at a time.
class MarkFinder {
 public:
  explicit MarkFinder(char delimiter) : delimiter_(delimiter) {}
  /// Sets the text that is searched: [from, end) of `base`. Bytes past `end` are not touched.
  void reset(const char* base, std::size_t from, std::size_t end);
  /// Position of the next mark at or after the last one given, or `end`.
  std::size_t next() {
    while (mask_ == 0) {
      block_ += 64;
      if (block_ >= end_) return end_;
      mask_ = marks_in_block();
    }
    const auto bit = static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return block_ + bit;
  }
  /// Continues the search at `position`, which must not lie before the last mark given.
  void skip_to(std::size_t position);

 private:
  [[nodiscard]] std::uint64_t marks_in_block() const;

  char delimiter_;
  const char* base_ = nullptr;
  std::size_t block_ = 0, end_ = 0;
  std::uint64_t mask_ = 0;
};

/// Rows of a buffer that grows at its end. Cells are views into the buffer; quoted ones are mended
/// in place when their row is complete, so the buffer must be writable.
class RowReader {
 public:
  struct Limits {
    std::size_t row_bytes, cells;
  };
  RowReader(char delimiter, Limits limits)
      : finder_(delimiter), delimiter_(delimiter), limits_(limits) {}

  /// The text is now [0, size) of `data`, of which [0, begin) is done with. `last`: nothing
  /// follows.
  void set_text(char* data, std::size_t begin, std::size_t size, bool last);

  /// Finds the next row. After need_more, set_text() has to bring more of the text, from
  /// row_begin() on.
  [[nodiscard]] RowEnd next();
  /// Takes the quotes off the cells of the row just found, in place.
  void finish_cells();

  [[nodiscard]] std::span<const std::string_view> cells() const { return {cells_.data(), count_}; }
  /// Text of the row as it stood, with its line end: [row_begin, row_end) of the buffer.
  [[nodiscard]] std::size_t row_begin() const { return row_begin_; }
  [[nodiscard]] std::size_t row_end() const { return position_; }
  /// Lines that the row spans: 1, and 1 more for each line end inside quotes.
  [[nodiscard]] std::size_t row_lines() const { return row_lines_; }
  /// Whether text followed a closing quote in this row; known after finish_cells().
  /// Ask before finish_cells(), which moves the text.
  [[nodiscard]] bool text_after_quote() const;
  /// Lines between the row's beginning and the quote that stayed open.
  [[nodiscard]] std::size_t open_quote_line() const { return open_quote_line_; }

 private:
  struct Quoted {
    std::size_t cell;              // its number
    std::size_t open, close, end;  // positions of its quotes and of the mark after it
    bool doubled;
  };
  [[nodiscard]] RowEnd unfinished(RowEnd at_end) const;
  RowEnd quoted_cell(std::size_t open, std::size_t& mark);
  void count_lines(std::size_t from, std::size_t to);
  bool grow_cells();
  bool add_cell(std::size_t begin, std::size_t end) {
    if (count_ == cells_.size() && !grow_cells()) return false;
    cells_[count_++] = std::string_view(data_ + begin, end - begin);
    return true;
  }

  MarkFinder finder_;
  char delimiter_;
  Limits limits_;
  char* data_ = nullptr;
  std::size_t position_ = 0, size_ = 0, row_begin_ = 0;
  bool last_ = false;
  std::vector<std::string_view> cells_;
  std::size_t count_ = 0;
  std::vector<Quoted> quoted_;
  std::size_t row_lines_ = 1, open_quote_line_ = 0;
};

/// What is wrong with the row at which `reader` stopped with `end`. `line`: where the row begins.
[[nodiscard]] Problem row_problem(RowEnd end,
                                  const RowReader& reader,
                                  std::string_view text,
                                  const std::string& file,
                                  std::size_t line,
                                  const CsvOptions& options);

/// Counts rows with text after a closing quote, and says so once.
class QuoteWarnings {
 public:
  void see(const RowReader& reader,
           std::string_view text,
           const std::string& file,
           std::size_t line);
  void tell(Problems& problems);

 private:
  Problem first_;
  std::size_t count_ = 0;
};

/// Throws UsageError for a delimiter that cannot be one.
void check_options(const CsvOptions& options);

}  // namespace kinescape::csv
