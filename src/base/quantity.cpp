// SPDX-License-Identifier: Apache-2.0
#include "base/quantity.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace kinescape {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

template <std::size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& table, std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &Unit::name);
  if (found == table.end()) return std::nullopt;
  return found->factor;
}

/// Both micro signs become "u", spaces around are dropped.
std::string plain_micro(std::string_view name) {
  std::string out(trimmed(name));
  for (const std::string_view micro : {"\xC2\xB5", "\xCE\xBC"}) {
    if (out.starts_with(micro)) out.replace(0, micro.size(), "u");
  }
  return out;
}

// nM in one unit of each prefix.
constexpr std::array<Unit, 7> prefixes = {
    {{"", 1e9}, {"m", 1e6}, {"u", 1e3}, {"n", 1.0}, {"p", 1e-3}, {"f", 1e-6}, {"a", 1e-9}}};

constexpr std::array<Unit, 15> molar_words = {{{"molar", 1e9},
                                               {"millimolar", 1e6},
                                               {"micromolar", 1e3},
                                               {"nanomolar", 1.0},
                                               {"picomolar", 1e-3},
                                               {"femtomolar", 1e-6},
                                               {"mcm", 1e3},  // "mcM"
                                               {"mcmol/l", 1e3},
                                               {"nmol/ml", 1e3},
                                               {"pmol/ml", 1.0},
                                               {"fmol/ml", 1e-3},
                                               {"umol/ml", 1e6},
                                               {"mmol/ml", 1e9},
                                               {"mol/m3", 1e6},
                                               {"mmol/m3", 1e3}}};

constexpr std::array<Unit, 25> times = {{{"s", 1.0 / 3600},
                                         {"sec", 1.0 / 3600},
                                         {"secs", 1.0 / 3600},
                                         {"second", 1.0 / 3600},
                                         {"seconds", 1.0 / 3600},
                                         {"min", 1.0 / 60},
                                         {"mins", 1.0 / 60},
                                         {"minute", 1.0 / 60},
                                         {"minutes", 1.0 / 60},
                                         {"h", 1.0},
                                         {"hr", 1.0},
                                         {"hrs", 1.0},
                                         {"hour", 1.0},
                                         {"hours", 1.0},
                                         {"d", 24.0},
                                         {"day", 24.0},
                                         {"days", 24.0},
                                         {"w", 168.0},
                                         {"wk", 168.0},
                                         {"wks", 168.0},
                                         {"week", 168.0},
                                         {"weeks", 168.0},
                                         {"ms", 1.0 / 3.6e6},
                                         {"msec", 1.0 / 3.6e6},
                                         {"millisecond", 1.0 / 3.6e6}}};

}  // namespace

std::optional<double> nanomolar_per(std::string_view name) {
  const std::string unit = plain_micro(name);
  const std::string small = lower(unit);
  if (const auto factor = factor_of(molar_words, small)) return factor;
  // In a symbol the case matters: "mM" is milli, "MM" would be mega, "nm" a length.
  std::string_view prefix = unit;
  bool molar = false;
  for (const std::string_view ending :
       {"mol/L", "mol/l", "mol L-1", "mol l-1", "mol\xC2\xB7L-1", "mol/dm3", "M"}) {
    if (!prefix.ends_with(ending)) continue;
    prefix.remove_suffix(ending.size());
    molar = true;
    break;
  }
  return molar ? factor_of(prefixes, prefix) : std::nullopt;
}

std::optional<double> hours_per(std::string_view name) {
  return factor_of(times, lower(trimmed(name)));
}

}  // namespace kinescape
