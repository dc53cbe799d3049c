// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/text.hpp"

namespace kinescape {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> exact_power = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// The digits of a plain number as far as one pass sees them.
struct Scan {
  bool plain = false;     // the text has the plain form
  bool negative = false;  // it begins with '-'
  std::uint64_t digits = 0;
  int digit_count = 0;  // significant ones
  int exponent = 0;
};

Scan scan_plain(std::string_view text) {
  Scan s;
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p != end && (*p == '-' || *p == '+')) s.negative = *p++ == '-';
  const char* const first = p;
  const char* point = nullptr;
  for (; p != end; ++p) {
    if (digit(*p)) {
      if (s.digits != 0 || *p != '0') ++s.digit_count;
      // Wraps past 19 digits; digit_count then sends the text to from_chars.
      s.digits = s.digits * 10 + static_cast<unsigned>(*p - '0');
    } else if (*p == '.' && point == nullptr) {
      point = p;
    } else {
      break;
    }
  }
  if (p - first - (point != nullptr ? 1 : 0) == 0) return s;  // no digit at all
  if (point != nullptr)
    s.exponent = -static_cast<int>(std::min<std::ptrdiff_t>(p - point - 1, 9999));
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    bool minus = false;
    if (p != end && (*p == '-' || *p == '+')) minus = *p++ == '-';
    if (p == end) return s;
    int e = 0;
    for (; p != end && digit(*p); ++p) e = std::min(e * 10 + (*p - '0'), 99999);
    s.exponent += minus ? -e : e;
  }
  s.plain = p == end;
  return s;
}

}  // namespace

std::optional<double> plain_number(std::string_view text) {
  const Scan s = scan_plain(text);
  if (!s.plain) return std::nullopt;
  // Both factors exact, so one rounding only: the correctly rounded result (Clinger 1990).
  constexpr std::uint64_t exact_integer = std::uint64_t{1} << 53U;
  if (s.digit_count <= 19 && s.digits <= exact_integer && std::abs(s.exponent) <= 22) {
    const double m = static_cast<double>(s.digits);
    const double power = exact_power[static_cast<std::size_t>(std::abs(s.exponent))];
    const double value = s.exponent < 0 ? m / power : m * power;
    return s.negative ? -value : value;
  }
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || (value == 0.0 && s.digit_count > 0)) return std::nullopt;
  return value;
}

namespace {

/// What separates two groups of digits: ',', '.', or one of the marks that only ever group.
constexpr char space_group = ' ', apostrophe_group = '\'';

struct Mark {
  char kind = '\0';
  std::size_t bytes = 0;
};

Mark mark_at(std::string_view t) {
  struct Form {
    std::string_view text;
    char kind;
  };
  static constexpr std::array<Form, 8> forms{{{",", ','},
                                              {".", '.'},
                                              {" ", space_group},
                                              {"\xC2\xA0", space_group},      // no-break space
                                              {"\xE2\x80\xAF", space_group},  // narrow no-break
                                              {"\xE2\x80\x89", space_group},  // thin space
                                              {"'", apostrophe_group},
                                              {"\xE2\x80\x99", apostrophe_group}}};
  for (const Form& f : forms) {
    if (t.starts_with(f.text)) return {f.kind, f.text.size()};
  }
  return {};
}

/// Digits and the marks between them; `exponent` begins with 'e' if there is one.
struct Parts {
  std::vector<std::string_view> groups;
  std::string marks;  // one fewer than groups
  std::string_view exponent;
};

std::optional<Parts> split_number(std::string_view t) {
  Parts parts;
  const std::size_t e = t.find_first_of("eE");
  if (e != std::string_view::npos) {
    parts.exponent = t.substr(e);
    t = t.substr(0, e);
  }
  while (true) {
    std::size_t n = 0;
    while (n < t.size() && digit(t[n])) ++n;
    parts.groups.push_back(t.substr(0, n));
    t.remove_prefix(n);
    if (t.empty()) return parts;
    const Mark mark = mark_at(t);
    if (mark.bytes == 0) return std::nullopt;
    parts.marks += mark.kind;
    t.remove_prefix(mark.bytes);
  }
}

/// Whether the first `count` groups are an integer grouped in threes.
bool grouped_in_threes(const Parts& parts, std::size_t count) {
  const std::string_view first = parts.groups[0];
  if (first.empty() || first.size() > 3 || first[0] == '0') return false;
  return std::all_of(parts.groups.begin() + 1,
                     parts.groups.begin() + static_cast<std::ptrdiff_t>(count),
                     [](std::string_view g) { return g.size() == 3; });
}

ParsedNumber join(const Parts& parts, bool negative, bool has_fraction) {
  std::string plain = negative ? "-" : "";
  for (std::size_t i = 0; i < parts.groups.size(); ++i) {
    if (has_fraction && i + 1 == parts.groups.size()) plain += '.';
    plain += parts.groups[i];
  }
  plain += parts.exponent;
  const auto value = plain_number(plain);
  if (!value) return {NumberKind::not_a_number, 0.0};
  return {NumberKind::number, *value};
}

/// The decimal mark of the number, given its marks and what was said: ',' '.' or none ('\0').
enum class Reading { fraction, integer, ambiguous, none };

Reading reading_of(const Parts& parts, Decimal decimal) {
  const std::string& marks = parts.marks;
  if (marks.empty()) return Reading::integer;
  const char last = marks.back();
  const std::size_t groups = parts.groups.size();
  const std::string_view before = std::string_view(marks).substr(0, marks.size() - 1);
  const bool one_kind_before =
      before.find_first_not_of(before.empty() ? ' ' : before[0]) == std::string_view::npos;
  if (!one_kind_before) return Reading::none;
  const bool decimal_like = last == ',' || last == '.';
  const char point = decimal == Decimal::comma ? ',' : '.';

  const bool may_group = parts.exponent.empty() && (before.empty() || before[0] == last) &&
                         grouped_in_threes(parts, groups) &&
                         (decimal == Decimal::unstated || last != point);
  const bool may_be_fraction =
      decimal_like && (decimal == Decimal::unstated || last == point) &&
      (before.empty() ||
       (before[0] != last && parts.exponent.empty() && grouped_in_threes(parts, groups - 1) &&
        (decimal == Decimal::unstated || before[0] != point)));
  if (may_group && may_be_fraction) return last == '.' ? Reading::fraction : Reading::ambiguous;
  if (may_group) return Reading::integer;
  return may_be_fraction ? Reading::fraction : Reading::none;
}

}  // namespace

ParsedNumber parse_number(std::string_view text, Decimal decimal) {
  text = trimmed(text);
  if (text.empty()) return {NumberKind::empty, 0.0};
  const bool comma_file = decimal == Decimal::comma;
  if (!comma_file || text.find('.') == std::string_view::npos) {
    if (const auto value = plain_number(text)) return {NumberKind::number, *value};
  }
  bool negative = false;
  constexpr std::string_view minus_sign = "\xE2\x88\x92";
  if (text.front() == '-' || text.front() == '+') {
    negative = text.front() == '-';
    text.remove_prefix(1);
  } else if (text.starts_with(minus_sign)) {
    negative = true;
    text.remove_prefix(minus_sign.size());
  }
  // A number of people has no thousand characters; anything longer is not searched for groups.
  constexpr std::size_t longest = 400;
  if (text.empty() || text.size() > longest) return {};
  const auto parts = split_number(text);
  if (!parts) return {};
  switch (reading_of(*parts, decimal)) {
    case Reading::fraction:
      // "5," is a slip of the pen rather than a five; "5." is what Fortran prints.
      if (parts->groups.back().empty() && parts->marks.back() == ',' && decimal != Decimal::comma) {
        return {};
      }
      return join(*parts, negative, true);
    case Reading::integer:
      return join(*parts, negative, false);
    case Reading::ambiguous:
      return {NumberKind::ambiguous, 0.0};
    case Reading::none:
      return {};
  }
  return {};
}

std::string exact(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 64> buffer{};
  const double size = std::abs(value);
  const bool fixed = size == 0.0 || (size >= 1e-4 && size < 1e15);
  const auto end = std::to_chars(buffer.data(),
                                 buffer.data() + buffer.size(),
                                 value,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific);
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return {buffer.data(), end.ptr};
}

std::string rounded(double value, int digits) {
  if (!std::isfinite(value)) return exact(value);
  if (value == 0.0) return "0";
  digits = std::clamp(digits, 1, 17);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(),
                                 buffer.data() + buffer.size(),
                                 value,
                                 std::chars_format::scientific,
                                 digits - 1);
  std::string scientific(buffer.data(), end.ptr);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < -4 || exponent >= 6) return scientific;
  // The digits are rounded already; only the point moves.
  std::string out = value < 0 ? "-" : "";
  std::string all;
  for (const char c : scientific.substr(0, e)) {
    if (digit(c)) all += c;
  }
  if (exponent < 0)
    return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + all;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (all.size() <= whole) return out + all + std::string(whole - all.size(), '0');
  return out + all.substr(0, whole) + "." + all.substr(whole);
}

}  // namespace kinescape
