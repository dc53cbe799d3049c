// SPDX-License-Identifier: Apache-2.0
// Contradictions between rows on one agent and variant.
#include "evidence/conflicts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"

namespace kinescape::evidence {
namespace {

struct Pair {
  std::string agent;
  VariantOf variant;
  auto operator<=>(const Pair&) const = default;
};

bool counts(const Row& row, const ConflictOptions& options) {
  return !row.superseded && (row.read != Read::no || options.include_unread);
}

std::string quoted_words(const Library& library,
                         const std::vector<std::size_t>& rows,
                         Meaning meaning) {
  std::string out;
  std::set<std::string> seen;
  for (const std::size_t i : rows) {
    const Row& row = library.rows[i];
    if (row.kind != RowKind::statement || row.meaning != meaning) continue;
    const std::string text = "\"" + row.as_printed + "\" (" + row.source +
                             (row.pack.empty() ? "" : ", pack " + row.pack) + ")";
    if (seen.insert(text).second) out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

void opposite_words(const Library& library,
                    const Pair& pair,
                    const std::vector<std::size_t>& rows,
                    std::vector<Conflict>& out) {
  const auto has = [&](Meaning m) {
    return std::any_of(rows.begin(), rows.end(), [&](std::size_t i) {
      return library.rows[i].kind == RowKind::statement && library.rows[i].meaning == m;
    });
  };
  const bool sensitive = has(Meaning::sensitive), resistant = has(Meaning::resistant),
             between = has(Meaning::intermediate);
  if (!(sensitive && resistant) && !(between && (sensitive || resistant))) return;
  Conflict c;
  c.kind = sensitive && resistant ? "opposite_directions" : "different_degrees";
  c.agent = pair.agent;
  c.variant = pair.variant;
  c.says = pair.variant.text() + " and " + pair.agent + ": ";
  std::string sides;
  for (const Meaning m : {Meaning::sensitive, Meaning::intermediate, Meaning::resistant}) {
    const std::string words = quoted_words(library, rows, m);
    if (!words.empty())
      sides += (sides.empty() ? "" : "; against ") + std::string(name(m)) + ": " + words;
  }
  c.says += sides + ".";
  for (const std::size_t i : rows) {
    if (library.rows[i].kind == RowKind::statement &&
        library.rows[i].meaning != Meaning::comparison)
      c.rows.push_back(i);
  }
  out.push_back(std::move(c));
}

struct Value {
  std::size_t row;
  double log10_nM;
};

/// Exact values in cells or on enzymes, each less what its source and readout add.
std::vector<Value> adjusted(const Library& library,
                            const PotencyModel& model,
                            const std::vector<std::size_t>& rows) {
  std::vector<Value> out;
  for (const std::size_t i : rows) {
    const double value = model.adjusted_log10(library.rows[i]);
    if (std::isfinite(value)) out.push_back({i, value});
  }
  std::sort(out.begin(), out.end(), [](const Value& a, const Value& b) {
    return a.log10_nM < b.log10_nM;
  });
  return out;
}

void numbers_apart(const Library& library,
                   const Pair& pair,
                   const std::vector<Value>& values,
                   const ConflictOptions& options,
                   std::vector<Conflict>& out) {
  if (values.size() < 2) return;
  const double apart = values.back().log10_nM - values.front().log10_nM;
  if (apart < std::log10(options.apart_fold)) return;
  Conflict c;
  c.kind = "numbers_apart";
  c.agent = pair.agent;
  c.variant = pair.variant;
  const Row& low = library.rows[values.front().row];
  const Row& high = library.rows[values.back().row];
  c.says = pair.variant.text() + " and " + pair.agent + ": " + rounded(low.low) + " nM (" +
           low.source + ", " + low.system + ") and " + rounded(high.low) + " nM (" + high.source +
           ", " + high.system + ") are " + rounded(std::pow(10.0, apart), 2) +
           "-fold apart after what source, readout and system add.";
  for (const auto& v : values) c.rows.push_back(v.row);
  out.push_back(std::move(c));
}

/// Folds over wild type that were printed, or that follow from two values of one source.
std::vector<Value> printed_folds(const Library& library, const std::vector<std::size_t>& rows) {
  std::vector<Value> out;
  for (const std::size_t i : rows) {
    const Row& row = library.rows[i];
    if (row.kind == RowKind::fold && row.relation != PrintedRelation::missing && row.over == "WT") {
      out.push_back({i, std::log10(row.low)});
    }
    const bool value = row.kind == RowKind::measurement &&
                       row.relation != PrintedRelation::missing &&
                       row.relation != PrintedRelation::interval;
    if (!value) continue;
    for (const Row& wild : library.rows) {
      const bool bound_is_safe =
          row.relation == PrintedRelation::exact || row.relation == PrintedRelation::about;
      if (wild.kind == RowKind::measurement && wild.variant == "WT" && wild.gene == row.gene &&
          wild.agent == row.agent && wild.source_identity == row.source_identity &&
          wild.system == row.system && wild.readout == row.readout && !wild.superseded &&
          wild.relation == PrintedRelation::exact && bound_is_safe) {
        out.push_back({i, std::log10(row.low / wild.low)});
        break;
      }
    }
  }
  return out;
}

void word_against_number(const Library& library,
                         const Pair& pair,
                         const std::vector<std::size_t>& rows,
                         std::vector<Conflict>& out) {
  if (pair.variant.key == "WT" || pair.variant.key == "parental") return;
  for (const Value& fold : printed_folds(library, rows)) {
    std::vector<std::size_t> against;
    for (const std::size_t i : rows) {
      const Row& row = library.rows[i];
      if (row.kind != RowKind::statement) continue;
      const bool clash = (row.meaning == Meaning::sensitive && fold.log10_nM > std::log10(10.0)) ||
                         (row.meaning == Meaning::resistant && fold.log10_nM < std::log10(2.0));
      if (clash) against.push_back(i);
    }
    if (against.empty()) continue;
    const Row& number = library.rows[fold.row];
    const Row& word = library.rows[against.front()];
    Conflict c;
    c.kind = "word_against_number";
    c.agent = pair.agent;
    c.variant = pair.variant;
    c.says = pair.variant.text() + " and " + pair.agent + ": \"" + word.as_printed + "\" (" +
             word.source + ", pack " + word.pack + ") against " +
             rounded(std::pow(10.0, fold.log10_nM), 2) + "-fold over wild type (" + number.source +
             ", " + number.as_printed + (number.kind == RowKind::fold ? "-fold" : " nM") + ").";
    c.rows = against;
    c.rows.insert(c.rows.begin(), fold.row);
    out.push_back(std::move(c));
  }
}

/// One fact that its origins print differently.
void one_fact_two_prints(const Library& library,
                         const ConflictOptions& options,
                         std::vector<Conflict>& out) {
  std::map<std::string, std::vector<std::size_t>> facts;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.kind == RowKind::measurement && (row.read != Read::no || options.include_unread))
      facts[row.fact].push_back(i);
  }
  for (const auto& [fact, rows] : facts) {
    const Row& first = library.rows[rows.front()];
    if (rows.size() < 2) continue;
    const bool differ = std::any_of(rows.begin(), rows.end(), [&](std::size_t i) {
      return library.rows[i].low != first.low || library.rows[i].relation != first.relation;
    });
    if (!differ) continue;
    Conflict c;
    c.kind = "one_fact_two_prints";
    c.agent = first.agent;
    c.variant = {first.gene, first.variant};
    std::string values;
    for (const std::size_t i : rows)
      values += (values.empty() ? "" : " and ") + library.rows[i].as_printed + " (" +
                library.rows[i].read_in + ")";
    c.says = c.variant.text() + " and " + c.agent + ": one measurement is printed as " + values +
             "; it counts once.";
    c.rows = rows;
    out.push_back(std::move(c));
  }
}

}  // namespace

std::vector<Conflict> find_conflicts(const Library& library,
                                     const PotencyModel* model,
                                     const ConflictOptions& options) {
  std::map<Pair, std::vector<std::size_t>> pairs;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (counts(row, options)) pairs[{row.agent, {row.gene, row.variant}}].push_back(i);
  }
  std::vector<Conflict> out;
  for (const auto& [pair, rows] : pairs) {
    opposite_words(library, pair, rows, out);
    word_against_number(library, pair, rows, out);
    if (model != nullptr && model->usable())
      numbers_apart(library, pair, adjusted(library, *model, rows), options, out);
  }
  one_fact_two_prints(library, options, out);
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.disputes.empty() || !counts(row, options)) continue;
    Conflict c;
    c.kind = "disputed";
    c.agent = row.agent;
    c.variant = {row.gene, row.variant};
    c.says = c.variant.text() + " and " + c.agent + ": row " + row.id + " disputes " +
             row.disputes.front() + ". " + row.note;
    c.rows = {i};
    out.push_back(std::move(c));
  }
  auto doubts = find_doubts(library);
  out.insert(
      out.end(), std::make_move_iterator(doubts.begin()), std::make_move_iterator(doubts.end()));
  return out;
}

}  // namespace kinescape::evidence
