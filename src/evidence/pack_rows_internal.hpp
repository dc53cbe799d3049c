// SPDX-License-Identifier: Apache-2.0
/// \file The rows of a pack from its tables, and what they refer to. Shared inside the room.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {

/// A cell that must hold a word of a vocabulary.
template <class E, std::size_t N>
E word_of(const NamedTable& t,
          std::size_t row,
          std::string_view column,
          const std::array<std::pair<std::string_view, E>, N>& words,
          E otherwise,
          Problems& problems) {
  const std::string cell = t.text(row, column);
  std::string allowed;
  for (const auto& [word, meaning] : words) {
    if (word == cell) return meaning;
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  problems.push_back({t.where(row, column),
                      "\"" + printable(cell) + "\" is not a word for this column",
                      "Write one of: " + allowed + "."});
  return otherwise;
}

void read_potency(Pack& pack, std::string_view table, const NamedTable& t, Problems& problems);
void read_clinical(Pack& pack, std::string_view table, const NamedTable& t, Problems& problems);

/// Ids that stand twice, sources, agents, systems and assays that no table holds, rows that
/// supersede what is not there or each other in a circle.
void check_references(const Pack& pack, Problems& problems);

}  // namespace kinescape::evidence
