// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/csv_rows_internal.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kinescape::csv {

std::string_view sample_of(std::string_view text, bool text_is_whole) {
  if (text_is_whole && text.size() <= sample_bytes) return text;
  text = text.substr(0, sample_bytes);
  const std::size_t cut = text.find_last_of("\r\n");
  return cut == std::string_view::npos ? text : text.substr(0, cut + 1);
}

std::string_view without_line_end(std::string_view row) {
  while (!row.empty() && (row.back() == '\n' || row.back() == '\r')) row.remove_suffix(1);
  return row;
}

bool states_delimiter(std::string_view line) {
  return line.size() == 5 && line.starts_with("sep=") && line[4] != '"';
}

void MarkFinder::reset(const char* base, std::size_t from, std::size_t end) {
  base_ = base;
  end_ = end;
  block_ = from;
  mask_ = from < end ? marks_in_block() : 0;
}

void MarkFinder::skip_to(std::size_t position) {
  if (position >= block_ + 64 || position >= end_) {
    reset(base_, position, end_);
    return;
  }
  mask_ &= ~std::uint64_t{0} << (position - block_);
}

#if defined(__SSE2__)

std::uint64_t MarkFinder::marks_in_block() const {
  alignas(16) char tail[64];
  const char* p = base_ + block_;
  const std::size_t left = end_ - block_;
  if (left < 64) {  // never read past the text
    std::memset(tail, 0, sizeof tail);
    std::memcpy(tail, p, left);
    p = tail;
  }
  const __m128i delimiter = _mm_set1_epi8(delimiter_), quote = _mm_set1_epi8('"');
  const __m128i feed = _mm_set1_epi8('\n'), back = _mm_set1_epi8('\r');
  std::uint64_t mask = 0;
  for (unsigned k = 0; k < 4; ++k) {
    __m128i v;
    std::memcpy(&v, p + std::size_t{16} * k, sizeof v);
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, delimiter), _mm_cmpeq_epi8(v, quote)),
                     _mm_or_si128(_mm_cmpeq_epi8(v, feed), _mm_cmpeq_epi8(v, back)));
    const auto bits = static_cast<unsigned>(_mm_movemask_epi8(hit));
    mask |= static_cast<std::uint64_t>(bits) << (16U * k);
  }
  return left < 64 ? mask & ((std::uint64_t{1} << left) - 1) : mask;
}

#else

std::uint64_t MarkFinder::marks_in_block() const {
  const std::size_t n = std::min<std::size_t>(64, end_ - block_);
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const char c = base_[block_ + i];
    const bool hit = c == delimiter_ || c == '"' || c == '\n' || c == '\r';
    mask |= static_cast<std::uint64_t>(hit) << i;
  }
  return mask;
}

#endif

void RowReader::set_text(char* data, std::size_t begin, std::size_t size, bool last) {
  data_ = data;
  position_ = begin;
  size_ = size;
  last_ = last;
  finder_.reset(data, begin, size);
}

bool RowReader::grow_cells() {
  if (count_ >= limits_.cells) return false;
  cells_.resize(std::min(limits_.cells, std::max<std::size_t>(64, 2 * count_)));
  return true;
}

RowEnd RowReader::unfinished(RowEnd at_end) const {
  if (size_ - row_begin_ > limits_.row_bytes) {
    return at_end == RowEnd::open_quote ? RowEnd::open_quote : RowEnd::line_too_long;
  }
  return last_ ? at_end : RowEnd::need_more;
}

RowEnd RowReader::next() {
  row_begin_ = position_;
  row_lines_ = 1;
  open_quote_line_ = 0;
  count_ = 0;
  quoted_.clear();
  if (position_ >= size_) return last_ ? RowEnd::end_of_text : RowEnd::need_more;

  std::size_t cell = position_;
  std::size_t mark = finder_.next();
  while (true) {
    if (mark < size_ && data_[mark] == delimiter_) {
      if (!add_cell(cell, mark)) return RowEnd::too_many_cells;
      cell = mark + 1;
      mark = finder_.next();
      continue;
    }
    if (mark < size_ && data_[mark] == '"') {
      // Only a quote at the start of a cell (or after spaces) opens one.
      std::size_t first = cell;
      while (first < mark && data_[first] == ' ') ++first;
      if (first != mark) {
        mark = finder_.next();
        continue;
      }
      const RowEnd end = quoted_cell(mark, mark);
      if (end != RowEnd::row) return end;
      continue;
    }
    break;
  }
  // The row ends at `mark`: a line end, or the end of the text.
  std::size_t after = mark;
  if (mark < size_) {
    after = mark + 1;
    if (data_[mark] == '\r') {
      if (after == size_ && !last_) {  // "\n" may follow
        return mark - row_begin_ > limits_.row_bytes ? RowEnd::line_too_long : RowEnd::need_more;
      }
      if (after < size_ && data_[after] == '\n') {
        ++after;
        static_cast<void>(finder_.next());  // that "\n" itself
      }
    }
  } else if (!last_ || size_ - row_begin_ > limits_.row_bytes) {
    return unfinished(RowEnd::row);
  }
  if (mark - row_begin_ > limits_.row_bytes) return RowEnd::line_too_long;
  if (mark > row_begin_ && !add_cell(cell, mark)) return RowEnd::too_many_cells;
  position_ = after;
  return RowEnd::row;
}

/// Reads a cell that begins with the quote at `open`; sets `mark` to the mark that ends it.
RowEnd RowReader::quoted_cell(std::size_t open, std::size_t& mark) {
  Quoted q{count_, open, 0, 0, false};  // the caller adds the cell when it knows its end
  std::size_t from = open + 1;
  while (true) {
    const void* hit = from < size_ ? std::memchr(data_ + from, '"', size_ - from) : nullptr;
    if (hit == nullptr) {
      open_quote_line_ = row_lines_ - 1;
      return unfinished(RowEnd::open_quote);
    }
    q.close = static_cast<std::size_t>(static_cast<const char*>(hit) - data_);
    if (q.close - row_begin_ > limits_.row_bytes) {
      open_quote_line_ = row_lines_ - 1;
      return RowEnd::open_quote;
    }
    if (q.close + 1 == size_ && !last_) return RowEnd::need_more;  // it may be doubled
    if (q.close + 1 < size_ && data_[q.close + 1] == '"') {
      q.doubled = true;
      from = q.close + 2;
      continue;
    }
    break;
  }
  count_lines(open, q.close);
  finder_.skip_to(q.close + 1);
  mark = finder_.next();
  while (mark < size_ && data_[mark] == '"') mark = finder_.next();  // a stray one is plain text
  q.end = mark;
  quoted_.push_back(q);
  return RowEnd::row;
}

void RowReader::count_lines(std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const char c = data_[i];
    if (c == '\n' || (c == '\r' && data_[i + 1] != '\n')) ++row_lines_;
  }
}

bool RowReader::text_after_quote() const {
  return std::any_of(quoted_.begin(), quoted_.end(), [&](const Quoted& q) {
    const std::string_view tail(data_ + q.close + 1, q.end - q.close - 1);
    return tail.find_first_not_of(' ') != std::string_view::npos;
  });
}

void RowReader::finish_cells() {
  for (const Quoted& q : quoted_) {
    std::string_view tail(data_ + q.close + 1, q.end - q.close - 1);
    if (tail.find_first_not_of(' ') == std::string_view::npos) tail = {};
    char* const begin = data_ + q.open + 1;
    char* out = data_ + q.close;
    if (q.doubled) {
      out = begin;
      for (const char* p = begin; p != data_ + q.close; ++p) {
        *out++ = *p;
        if (*p == '"') ++p;  // the second of a pair
      }
    }
    if (!tail.empty()) {
      std::memmove(out, tail.data(), tail.size());
      out += tail.size();
    }
    cells_[q.cell] = std::string_view(begin, static_cast<std::size_t>(out - begin));
  }
}

}  // namespace kinescape::csv
