// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"

namespace kinescape::plate {
namespace {

/// Signs that readers and people print instead of a number, in the form that `sign` gives.
constexpr auto signs = std::to_array<std::pair<std::string_view, Reading>>({
    {"ovrflw", Reading::saturated},    {"ovrflow", Reading::saturated},
    {"overflow", Reading::saturated},  {"over", Reading::saturated},
    {"ovr", Reading::saturated},       {"overrange", Reading::saturated},
    {"sat", Reading::saturated},       {"#sat", Reading::saturated},
    {"saturated", Reading::saturated}, {"saturation", Reading::saturated},
    {">max", Reading::saturated},      {"#high", Reading::saturated},
    {"high", Reading::saturated},      {"under", Reading::below},
    {"undrflw", Reading::below},       {"underflow", Reading::below},
    {"underrange", Reading::below},    {"undr", Reading::below},
    {"<min", Reading::below},          {"#low", Reading::below},
    {"low", Reading::below},           {"masked", Reading::masked},
    {"mask", Reading::masked},         {"struck", Reading::masked},
    {"flagged", Reading::masked},      {"excluded", Reading::masked},
    {"rejected", Reading::masked},     {"", Reading::missing},
    {"-", Reading::missing},           {"--", Reading::missing},
    {".", Reading::missing},           {"na", Reading::missing},
    {"n/a", Reading::missing},         {"#n/a", Reading::missing},
    {"null", Reading::missing},        {"none", Reading::missing},
    {"missed", Reading::missing},      {"missing", Reading::missing},
    {"empty", Reading::missing},       {"invalid", Reading::missing},
    {"error", Reading::missing},       {"?????", Reading::missing},
    {"notread", Reading::missing},
});

constexpr std::array<std::string_view, 6> instrument_gaps{
    "nan", "path?", "range?", "err", "no_read", "noread"};

std::string sign_of(std::string_view text) {
  std::string spelled;
  for (char c : lower(text)) {
    if (c != ' ') spelled += c;
  }
  return spelled;
}

bool only(char what, std::string_view text) {
  return text.size() >= 2 && text.find_first_not_of(what) == std::string_view::npos;
}

SignalCell refused(std::string why, std::string fix) {
  SignalCell cell;
  cell.why = std::move(why);
  cell.fix = std::move(fix);
  return cell;
}

SignalCell meant(Reading reading, double value = unknown) {
  SignalCell cell;
  cell.understood = true;
  cell.reading = reading;
  cell.value = value;
  return cell;
}

/// Instruments never group thousands, so a single comma or point is the decimal mark.
ParsedNumber instrument_number(std::string_view text) {
  const bool comma = text.find(',') != std::string_view::npos;
  const bool point = text.find('.') != std::string_view::npos;
  return parse_number(text, comma && !point ? Decimal::comma : Decimal::point);
}

SignalCell unreadable(std::string_view text) {
  const std::string quoted = "\"" + printable(text) + "\"";
  const std::string spelled = sign_of(text);
  if (spelled == "nan" || spelled == "inf" || spelled == "-inf" || spelled == "+inf") {
    return refused(quoted + " is no reading",
                   "Leave the cell empty where the well was not read; write OVER where the reader "
                   "was saturated.");
  }
  if (!spelled.empty() && spelled.front() == '#') {
    return refused(quoted + " is an error of the spreadsheet, not a reading",
                   "Mend the formula and save the values again.");
  }
  return refused(quoted + " is not a number",
                 "Correct the cell, or leave it empty where the well was not read; OVER marks a "
                 "saturated well, MASKED one that was struck out.");
}

}  // namespace

std::string compact(std::string_view text) {
  std::string spelled;
  spelled.reserve(text.size());
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') {
      spelled += static_cast<char>(c - 'A' + 'a');
    } else if (c == '%') {
      spelled += "percent";
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) > 127) {
      spelled += c;
    }
  }
  return spelled;
}

SignalCell read_signal(std::string_view text, Decimal decimal, Printer printer) {
  text = trimmed(text);
  if (text.empty()) return meant(Reading::missing);
  const auto number =
      printer == Printer::instrument ? instrument_number(text) : parse_number(text, decimal);
  if (number.kind == NumberKind::number) {
    if (std::isfinite(number.value)) return meant(Reading::measured, number.value);
    return unreadable(text);
  }
  if (number.kind == NumberKind::ambiguous) {
    return refused("\"" + printable(text) + "\" may be a decimal or a thousand",
                   "Say how decimals are written: --decimal comma or --decimal point.");
  }
  if (only('*', text) || only('#', text)) return meant(Reading::saturated);
  const std::string spelled = sign_of(text);
  const auto* sign =
      std::find_if(signs.begin(), signs.end(), [&](const auto& s) { return s.first == spelled; });
  if (sign != signs.end()) return meant(sign->second);
  if (printer == Printer::instrument &&
      std::find(instrument_gaps.begin(), instrument_gaps.end(), spelled) != instrument_gaps.end()) {
    return meant(Reading::missing);
  }
  if (text.front() == '>' || text.front() == '<') {
    const auto bound = printer == Printer::instrument ? instrument_number(text.substr(1))
                                                      : parse_number(text.substr(1), decimal);
    if (bound.kind == NumberKind::number) {
      return meant(text.front() == '>' ? Reading::saturated : Reading::below, bound.value);
    }
  }
  return unreadable(text);
}

void put_signal(Well& well, const SignalCell& cell, std::string_view printed) {
  well.reading = cell.reading;
  well.signal = cell.value;
  if (cell.reading != Reading::measured) well.printed = std::string(trimmed(printed));
}

std::optional<Amount> parse_amount(std::string_view text, Decimal decimal) {
  text = trimmed(text);
  const auto plain = parse_number(text, decimal);
  if (plain.kind == NumberKind::number) return Amount{plain.value, {}};
  // The unit is the longest tail that starts with a letter (or a micro sign) and is a known unit.
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    const auto tail = trimmed(text.substr(cut));
    const unsigned char first = tail.empty() ? 0 : static_cast<unsigned char>(tail.front());
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (!letter && first < 128) continue;
    if (!nanomolar_per(tail) && !hours_per(tail)) continue;
    const auto number = parse_number(text.substr(0, cut), decimal);
    if (number.kind == NumberKind::number) return Amount{number.value, std::string(tail)};
  }
  return std::nullopt;
}

Origin origin_at(const Grid& grid, std::size_t row, std::size_t column) {
  return origin_of(grid.where(row, column));
}

std::string file_stem(const std::string& file) {
  const auto slash = file.find_last_of("/\\");
  std::string stem = slash == std::string::npos ? file : file.substr(slash + 1);
  const auto dot = stem.find_last_of('.');
  if (dot != std::string::npos && dot > 0) stem.resize(dot);
  return stem;
}

void bound_censored(PlateSet& set) {
  using Key = std::pair<std::string_view, std::string_view>;
  std::map<Key, std::pair<double, double>> range;  // smallest, largest measured
  const bool any = std::any_of(set.wells.begin(), set.wells.end(), [](const Well& w) {
    return w.reading == Reading::saturated || w.reading == Reading::below;
  });
  if (!any) return;
  for (const Well& w : set.wells) {
    if (w.reading != Reading::measured) continue;
    const auto [at, fresh] =
        range.try_emplace(Key{w.plate, w.channel}, std::pair{w.signal, w.signal});
    if (fresh) continue;
    at->second.first = std::min(at->second.first, w.signal);
    at->second.second = std::max(at->second.second, w.signal);
  }
  for (Well& w : set.wells) {
    if (!std::isnan(w.signal)) continue;
    if (w.reading != Reading::saturated && w.reading != Reading::below) continue;
    const auto at = range.find(Key{w.plate, w.channel});
    if (at == range.end()) continue;
    w.signal = w.reading == Reading::saturated ? at->second.second : at->second.first;
  }
}

}  // namespace kinescape::plate
