// SPDX-License-Identifier: Apache-2.0
#include "plate/plate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"

namespace kinescape::plate {
namespace {

constexpr std::array<Format, 7> standard_formats{
    {{2, 3}, {3, 4}, {4, 6}, {6, 8}, {8, 12}, {16, 24}, {32, 48}}};
constexpr int most_rows = 32;
constexpr int most_columns = 48;

/// What people write in a role column, in the form that `compact` gives.
constexpr auto role_spellings = std::to_array<std::pair<std::string_view, Role>>({
    {"sample", Role::sample},
    {"samples", Role::sample},
    {"treated", Role::sample},
    {"treatment", Role::sample},
    {"drug", Role::sample},
    {"compound", Role::sample},
    {"cmpd", Role::sample},
    {"cpd", Role::sample},
    {"test", Role::sample},
    {"unknown", Role::sample},
    {"unk", Role::sample},
    {"spl", Role::sample},
    {"trt", Role::sample},
    {"trtcp", Role::sample},
    {"experimental", Role::sample},
    {"dosed", Role::sample},
    {"vehicle", Role::vehicle},
    {"veh", Role::vehicle},
    {"dmso", Role::vehicle},
    {"control", Role::vehicle},
    {"controls", Role::vehicle},
    {"ctrl", Role::vehicle},
    {"ctl", Role::vehicle},
    {"ctlvehicle", Role::vehicle},
    {"con", Role::vehicle},
    {"untreated", Role::vehicle},
    {"untrt", Role::vehicle},
    {"nodrug", Role::vehicle},
    {"notreatment", Role::vehicle},
    {"nocompound", Role::vehicle},
    {"solvent", Role::vehicle},
    {"negcon", Role::vehicle},
    {"negativecontrol", Role::vehicle},
    {"negcontrol", Role::vehicle},
    {"negctrl", Role::vehicle},
    {"negative", Role::vehicle},
    {"neg", Role::vehicle},
    {"neutral", Role::vehicle},
    {"neutralcontrol", Role::vehicle},
    {"vehiclecontrol", Role::vehicle},
    {"dmsocontrol", Role::vehicle},
    {"dmsoctrl", Role::vehicle},
    {"solventcontrol", Role::vehicle},
    {"mock", Role::vehicle},
    {"cellsonly", Role::vehicle},
    {"untreatedcontrol", Role::vehicle},
    {"blank", Role::blank},
    {"blk", Role::blank},
    {"blanks", Role::blank},
    {"background", Role::blank},
    {"bg", Role::blank},
    {"bkg", Role::blank},
    {"media", Role::blank},
    {"medium", Role::blank},
    {"mediaonly", Role::blank},
    {"mediumonly", Role::blank},
    {"mediablank", Role::blank},
    {"nocells", Role::blank},
    {"nocell", Role::blank},
    {"cellfree", Role::blank},
    {"positive", Role::positive},
    {"pos", Role::positive},
    {"poscon", Role::positive},
    {"ctlpos", Role::positive},
    {"positivecontrol", Role::positive},
    {"poscontrol", Role::positive},
    {"posctrl", Role::positive},
    {"kill", Role::positive},
    {"killcontrol", Role::positive},
    {"maxkill", Role::positive},
    {"dead", Role::positive},
    {"day0", Role::day0},
    {"d0", Role::day0},
    {"t0", Role::day0},
    {"time0", Role::day0},
    {"timezero", Role::day0},
    {"tzero", Role::day0},
    {"tz", Role::day0},
    {"dayzero", Role::day0},
    {"baseline", Role::day0},
    {"unused", Role::unused},
    {"empty", Role::unused},
    {"notused", Role::unused},
});

}  // namespace

std::optional<Format> format_with(int wells) {
  const auto* found = std::find_if(standard_formats.begin(), standard_formats.end(), [&](Format f) {
    return f.wells() == wells;
  });
  if (found == standard_formats.end()) return std::nullopt;
  return *found;
}

std::optional<Format> smallest_format(int rows, int columns) {
  const auto* found = std::find_if(standard_formats.begin(), standard_formats.end(), [&](Format f) {
    return f.rows >= rows && f.columns >= columns;
  });
  if (found == standard_formats.end()) return std::nullopt;
  return *found;
}

std::string row_name(int row) {
  std::string text;
  if (row >= 26) text += static_cast<char>('A' + row / 26 - 1);
  text += static_cast<char>('A' + row % 26);
  return text;
}

std::optional<int> parse_row(std::string_view text) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int row = 0;
  for (char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (upper < 'A' || upper > 'Z') return std::nullopt;
    row = row * 26 + (upper - 'A' + 1);
  }
  if (row > most_rows) return std::nullopt;
  return row - 1;
}

std::optional<int> parse_column(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  int column = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    column = column * 10 + (c - '0');
  }
  if (column < 1 || column > most_columns) return std::nullopt;
  return column - 1;
}

std::string name(Position position) {
  std::string text = row_name(position.row);
  const int column = position.column + 1;
  if (column < 10) text += '0';
  return text + std::to_string(column);
}

std::optional<Position> parse_position(std::string_view text) {
  text = trimmed(text);
  std::size_t letters = 0;
  while (letters < text.size() && (text[letters] < '0' || text[letters] > '9')) ++letters;
  const auto row = parse_row(text.substr(0, letters));
  const auto column = parse_column(text.substr(letters));
  if (!row || !column) return std::nullopt;
  return Position{*row, *column};
}

std::string_view name(Role role) {
  switch (role) {
    case Role::sample:
      return "sample";
    case Role::vehicle:
      return "vehicle";
    case Role::blank:
      return "blank";
    case Role::positive:
      return "positive";
    case Role::day0:
      return "day0";
    case Role::unused:
      return "unused";
  }
  return "unused";
}

std::optional<Role> parse_role(std::string_view text) {
  const std::string spelled = compact(text);
  const auto* found = std::find_if(role_spellings.begin(),
                                   role_spellings.end(),
                                   [&](const auto& s) { return s.first == spelled; });
  if (found == role_spellings.end()) return std::nullopt;
  return found->second;
}

std::string_view name(Reading reading) {
  switch (reading) {
    case Reading::measured:
      return "measured";
    case Reading::saturated:
      return "saturated";
    case Reading::below:
      return "below";
    case Reading::masked:
      return "masked";
    case Reading::missing:
      return "missing";
  }
  return "missing";
}

}  // namespace kinescape::plate
