// SPDX-License-Identifier: Apache-2.0
// The words of the pack's own vocabularies.
#include "evidence/pack.hpp"
#include "evidence/pack_names_internal.hpp"

namespace kinescape::evidence {
namespace {

template <class E, std::size_t N>
std::string_view of(const std::array<std::pair<std::string_view, E>, N>& table, E value) {
  for (const auto& [word, meaning] : table) {
    if (meaning == value) return word;
  }
  return "";
}

}  // namespace

std::string_view name(Read read) {
  return of(read_words, read);
}
std::string_view name(PrintedRelation relation) {
  return of(relation_words, relation);
}
std::string_view name(Meaning meaning) {
  return of(meaning_words, meaning);
}
std::string_view name(Readout readout) {
  return of(readout_words, readout);
}
std::string_view name(SystemKind kind) {
  return of(system_words, kind);
}
std::string_view name(RowKind kind) {
  return kind == RowKind::measurement ? "measurement"
         : kind == RowKind::fold      ? "fold"
                                      : "statement";
}

std::optional<PrintedRelation> parse_relation(std::string_view text) {
  for (const auto& [word, meaning] : relation_words) {
    if (word == text) return meaning;
  }
  return std::nullopt;
}

}  // namespace kinescape::evidence
