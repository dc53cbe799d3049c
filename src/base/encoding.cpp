// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/encoding_internal.hpp"

namespace kinescape::encoding {
namespace {

// Windows-1252 from 0x80 to 0x9F; 0 where the code page has nothing.
constexpr std::array<std::uint16_t, 32> code_page_1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

unsigned char byte_at(std::string_view s, std::size_t i) {
  return static_cast<unsigned char>(s[i]);
}

bool continues(unsigned char b) {
  return (b & 0xC0U) == 0x80U;
}

std::uint32_t unit_at(std::string_view s, std::size_t i, Kind kind) {
  const std::uint32_t a = byte_at(s, i);
  const std::uint32_t b = byte_at(s, i + 1);
  return kind == Kind::utf16le ? (b << 8U | a) : (a << 8U | b);
}

constexpr std::string_view nul_what = "a NUL byte: this is not text, or the file is damaged";
constexpr std::string_view nul_fix = "Export the file again as text (CSV, UTF-8).";

}  // namespace

Guess guess(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\xEF\xBB\xBF")) return {Kind::utf8, 3};
  if (head.starts_with("\xFF\xFE\0\0"sv)) return {Kind::utf32, 4};
  if (head.starts_with("\0\0\xFE\xFF"sv)) return {Kind::utf32, 4};
  if (head.starts_with("\xFF\xFE")) return {Kind::utf16le, 2};
  if (head.starts_with("\xFE\xFF")) return {Kind::utf16be, 2};
  head = head.substr(0, guess_bytes);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') ++zeros[i % 2];
  }
  // Latin text in UTF-16 has a zero in nearly every second byte and none in the others.
  const std::size_t pairs = head.size() / 2;
  if (pairs > 0 && zeros[1] * 10 >= pairs * 7 && zeros[0] == 0) return {Kind::utf16le, 0};
  if (pairs > 0 && zeros[0] * 10 >= pairs * 7 && zeros[1] == 0) return {Kind::utf16be, 0};
  return {Kind::utf8, 0};
}

std::optional<Fault> known_binary(std::string_view head) {
  struct Known {
    std::string_view magic, what, fix;
  };
  static constexpr std::array<Known, 4> table{{
      {"PK\x03\x04",
       "this is a zip container, not text",
       "Give a workbook the name it had: *.xlsx."},
      {"\xD0\xCF\x11\xE0",
       "this is an old Excel workbook (.xls) or one locked by a password, not text",
       "Open it and save it as .xlsx or as CSV, without a password."},
      {"\x1F\x8B", "this file is compressed (gzip)", "Unpack it first."},
      {"%PDF-", "this is a PDF, not a table", "Export the table itself as CSV or .xlsx."},
  }};
  for (const Known& k : table) {
    if (head.starts_with(k.magic)) return Fault{std::string(k.what), std::string(k.fix)};
  }
  return std::nullopt;
}

int utf8_length(std::string_view bytes) {
  const unsigned char lead = byte_at(bytes, 0);
  if (lead < 0x80U) return 1;
  if (lead < 0xC2U || lead > 0xF4U) return 0;
  const int length = lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  // The second byte excludes overlong forms, surrogates and codes past U+10FFFF.
  unsigned char low = 0x80, high = 0xBF;
  if (lead == 0xE0U) low = 0xA0;
  if (lead == 0xEDU) high = 0x9F;
  if (lead == 0xF0U) low = 0x90;
  if (lead == 0xF4U) high = 0x8F;
  if (bytes.size() < 2) return -1;
  if (byte_at(bytes, 1) < low || byte_at(bytes, 1) > high) return 0;
  for (std::size_t i = 2; i < static_cast<std::size_t>(length); ++i) {
    if (i >= bytes.size()) return -1;
    if (!continues(byte_at(bytes, i))) return 0;
  }
  return length;
}

bool plain_ascii(std::string_view bytes) {
  // A byte from 0x01 to 0x7F keeps its high bit clear, also after taking 1 away; with a first byte
  // that is not so, a high bit shows in one of the two. Eight bytes at a time.
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t any = 0;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    any |= word | (word - ones);
  }
  bool plain = (any & (ones << 7U)) == 0;
  for (; i < bytes.size(); ++i) plain = plain && bytes[i] != 0 && byte_at(bytes, i) < 0x80U;
  return plain;
}

void append_utf8(std::string& out, std::uint32_t code) {
  auto put = [&out](std::uint32_t b) { out += static_cast<char>(static_cast<unsigned char>(b)); };
  if (code < 0x80U) {
    put(code);
  } else if (code < 0x800U) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000U) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::size_t line_of(std::string_view text, std::size_t position) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < position && i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' || (text[i] == '\r' && !pair)) ++line;
  }
  return line;
}

std::string line_around(std::string_view text, std::size_t position) {
  constexpr std::size_t most = 100;
  position = std::min(position, text.size());
  std::size_t begin = position;
  while (begin > 0 && text[begin - 1] != '\n' && text[begin - 1] != '\r' &&
         position - begin < most) {
    --begin;
  }
  while (begin < position && continues(byte_at(text, begin))) ++begin;
  std::size_t end = position;
  while (end < text.size() && text[end] != '\n' && text[end] != '\r' && end - position < most) {
    ++end;
  }
  while (end > position && end < text.size() && continues(byte_at(text, end))) --end;
  return std::string(text.substr(begin, end - begin));
}

std::size_t source_bytes(std::string_view text, Kind kind) {
  if (kind == Kind::utf8) return text.size();
  std::size_t characters = 0, pairs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!continues(byte_at(text, i))) ++characters;
    if (byte_at(text, i) >= 0xF0U) ++pairs;
  }
  return kind == Kind::windows_1252 ? characters : 2 * (characters + pairs);
}

bool Decoder::passes_unchanged(std::string_view bytes) const {
  const bool ascii_superset = kind_ == Kind::utf8 || kind_ == Kind::windows_1252;
  return ascii_superset && carry_.empty() && plain_ascii(bytes);
}

void Decoder::feed(std::string_view bytes, bool last, std::string& out) {
  if (fault_) return;
  if (kind_ == Kind::utf32) {
    fail("the text is UTF-32, which is not read", "Save the file as UTF-8.");
    return;
  }
  const std::size_t before = out.size();
  if (passes_unchanged(bytes)) {
    out += bytes;
    written_ += bytes.size();
    return;
  }
  std::string joined;
  if (!carry_.empty()) {
    joined = carry_ + std::string(bytes);
    carry_.clear();
    bytes = joined;
  }
  if (kind_ == Kind::utf8) {
    feed_utf8(bytes, last, out);
  } else if (kind_ == Kind::windows_1252) {
    feed_1252(bytes, last, out);
  } else {
    feed_utf16(bytes, last, out);
  }
  written_ += out.size() - before;
}

void Decoder::fail(std::string what, std::string fix) {
  fault_ = Fault{std::move(what), std::move(fix)};
}

bool Decoder::fall_back(unsigned char byte, std::size_t at) {
  if (marked_ || seen_multibyte_) {
    fail(fmt::format("the text is UTF-8, but the byte 0x{:02X} here is not", byte),
         "The file is damaged or two encodings were mixed: save it again as UTF-8.");
    return false;
  }
  kind_ = Kind::windows_1252;
  guessed_1252_ = at;
  return true;
}

void Decoder::feed_utf8(std::string_view bytes, bool last, std::string& out) {
  const std::size_t start = out.size();
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (bytes[i] == '\0') {
      fail(std::string(nul_what), std::string(nul_fix));
      return;
    }
    const int length = utf8_length(bytes.substr(i, 4));
    if (length == -1 && !last) {
      carry_ = bytes.substr(i);
      return;
    }
    if (length <= 0) {
      if (!fall_back(byte_at(bytes, i), written_ + out.size() - start)) return;
      feed_1252(bytes.substr(i), last, out);
      return;
    }
    seen_multibyte_ = seen_multibyte_ || length > 1;
    out.append(bytes, i, static_cast<std::size_t>(length));
    i += static_cast<std::size_t>(length);
  }
}

void Decoder::feed_1252(std::string_view bytes, bool last, std::string& out) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned char b = byte_at(bytes, i);
    if (b == 0) {
      fail(std::string(nul_what), std::string(nul_fix));
      return;
    }
    if (b < 0x80U) {
      out += static_cast<char>(b);
      continue;
    }
    const int length = utf8_length(bytes.substr(i, 4));
    if (length == -1 && !last) {
      carry_ = bytes.substr(i);
      return;
    }
    if (length > 1) {  // in Windows-1252 a letter such as "Ã" before a sign: nobody writes that
      fail("the text mixes UTF-8 with another encoding",
           "The file is damaged or was pasted together: save it again as UTF-8.");
      return;
    }
    const std::uint32_t code = b < 0xA0U ? code_page_1252[b - 0x80U] : b;
    if (code == 0) {
      fail(fmt::format("the byte 0x{:02X} is neither UTF-8 nor Windows-1252", b),
           "Save the file as UTF-8.");
      return;
    }
    append_utf8(out, code);
  }
}

void Decoder::feed_utf16(std::string_view bytes, bool last, std::string& out) {
  std::size_t i = 0;
  while (i + 1 < bytes.size()) {
    std::uint32_t code = unit_at(bytes, i, kind_);
    std::size_t used = 2;
    if (code >= 0xD800U && code < 0xDC00U) {
      if (i + 3 >= bytes.size() && !last) break;
      const std::uint32_t second = i + 3 < bytes.size() ? unit_at(bytes, i + 2, kind_) : 0;
      if (second < 0xDC00U || second > 0xDFFFU)
        code = 0xDC00U;
      else
        code = 0x10000U + ((code - 0xD800U) << 10U) + (second - 0xDC00U);
      used = 4;
    }
    if (code >= 0xDC00U && code < 0xE000U) {
      fail("half of a UTF-16 character pair", "The file is damaged: export it again.");
      return;
    }
    if (code == 0) {
      fail(std::string(nul_what), std::string(nul_fix));
      return;
    }
    append_utf8(out, code);
    i += used;
  }
  if (i < bytes.size()) {
    if (!last) {
      carry_ = bytes.substr(i);
    } else {
      fail("the UTF-16 text ends in the middle of a character",
           "The file was cut off: export it again.");
    }
  }
}

}  // namespace kinescape::encoding
