// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.hpp"
#include "evidence/variant_change_internal.hpp"

namespace kinescape::evidence {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 21> residue_names{
    {{"ala", 'A'}, {"arg", 'R'}, {"asn", 'N'}, {"asp", 'D'}, {"cys", 'C'}, {"gln", 'Q'},
     {"glu", 'E'}, {"gly", 'G'}, {"his", 'H'}, {"ile", 'I'}, {"leu", 'L'}, {"lys", 'K'},
     {"met", 'M'}, {"phe", 'F'}, {"pro", 'P'}, {"ser", 'S'}, {"thr", 'T'}, {"trp", 'W'},
     {"tyr", 'Y'}, {"val", 'V'}, {"ter", '*'}}};
constexpr std::string_view letters = "ARNDCQEGHILKMFPSTWYV";
constexpr std::size_t longest_protein = 40'000;  // titin has 34,350 residues

/// Reads forwards; every step says whether it found what it wanted.
struct Cursor {
  std::string_view rest;

  std::optional<char> residue(bool may_stop = false) {
    if (rest.size() >= 3) {
      if (const auto one = one_letter(rest.substr(0, 3)); one && (may_stop || *one != '*')) {
        rest.remove_prefix(3);
        return one;
      }
    }
    if (rest.empty()) return std::nullopt;
    const char c = rest.front();
    if (letters.find(c) != std::string_view::npos || (may_stop && (c == '*' || c == 'X'))) {
      rest.remove_prefix(1);
      return c == 'X' ? '*' : c;
    }
    return std::nullopt;
  }
  std::optional<std::size_t> number() {
    std::size_t value = 0, digits = 0;
    while (digits < rest.size() && digits < 6 &&
           std::isdigit(static_cast<unsigned char>(rest[digits]))) {
      value = value * 10 + static_cast<std::size_t>(rest[digits] - '0');
      ++digits;
    }
    if (digits == 0 || value == 0 || value > longest_protein) return std::nullopt;
    rest.remove_prefix(digits);
    return value;
  }
  bool word(std::string_view expected) {
    if (rest.size() < expected.size() || !iequal(rest.substr(0, expected.size()), expected))
      return false;
    rest.remove_prefix(expected.size());
    return true;
  }
  bool any_of(std::string_view marks) {
    if (rest.empty() || marks.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  /// All that is left, as residues; nothing if it is anything else.
  std::optional<std::string> residues_to_end() {
    std::string out;
    while (!rest.empty()) {
      const auto r = residue(true);
      if (!r || out.size() > 200) return std::nullopt;
      out += *r;
    }
    return out.empty() ? std::nullopt : std::optional(out);
  }
  [[nodiscard]] bool done() const { return rest.empty(); }
};

/// What follows the place(s): R, del, dup, insXYZ, delinsXYZ, fs.
std::optional<Change> ending(Cursor& at, Change change, bool range) {
  if (at.word("delins") || at.word("indel")) {
    const auto added = at.residues_to_end();
    if (!added) return std::nullopt;
    change.kind = ChangeKind::replacement;
    change.residues = *added;
    return change;
  }
  if (at.word("del")) {
    change.kind = ChangeKind::deletion;
    if (at.word("ins")) {  // del...ins written apart is caught above; "delELREAinsS" is here
      const auto added = at.residues_to_end();
      if (!added) return std::nullopt;
      change.kind = ChangeKind::replacement;
      change.residues = *added;
      return change;
    }
    if (at.done()) return change;
    Cursor named = at;  // "delELREA": the residues that are lost, which say nothing new
    const auto lost = named.residues_to_end();
    if (lost && lost->size() == change.last - change.first + 1) return change;
    return std::nullopt;
  }
  if (at.word("dup")) {
    change.kind = ChangeKind::duplication;
    if (at.done() || at.residues_to_end()) return change;
    return std::nullopt;
  }
  if (range && at.word("ins")) {
    const auto added = at.residues_to_end();
    if (!added || change.last != change.first + 1) return std::nullopt;
    change.kind = ChangeKind::insertion;
    change.residues = *added;
    return change;
  }
  if (range) return std::nullopt;
  if (at.word("fs")) {
    change.kind = ChangeKind::frameshift;
    return change;  // what follows (fs*12) is where the new frame ends
  }
  Cursor frame = at;  // "R100Lfs*5"
  if (frame.residue() && frame.word("fs")) {
    change.kind = ChangeKind::frameshift;
    return change;
  }
  const auto to = at.residue(true);
  if (!to || !at.done() || *to == change.first_residue) return std::nullopt;
  change.kind = ChangeKind::substitution;
  change.residues = std::string(1, *to);
  return change;
}

/// "1151Tins", "1151insT": an insertion after the residue of that number.
std::optional<Change> loose_insertion(std::string_view text) {
  Cursor at{text};
  const auto position = at.number();
  if (!position) return std::nullopt;
  std::string added;
  if (at.word("ins")) {
    const auto residues = at.residues_to_end();
    if (!residues) return std::nullopt;
    added = *residues;
  } else {
    while (auto r = at.residue()) {
      added += *r;
      if (at.word("ins")) break;
      if (at.done()) return std::nullopt;
    }
    if (added.empty() || !at.done() || text.size() < 4 ||
        !iequal(text.substr(text.size() - 3), "ins")) {
      return std::nullopt;
    }
  }
  Change change;
  change.kind = ChangeKind::insertion;
  change.first = *position;
  change.last = *position + 1;
  change.residues = added;
  return change;
}

char known(const ProteinSet& set, const std::string& gene, std::size_t at, const Change& change) {
  if (at == change.first && change.first_residue != '\0') return change.first_residue;
  if (at == change.last && change.last_residue != '\0') return change.last_residue;
  return set.residue(gene, at).value_or('\0');
}

bool stretch_is(const Change& change,
                const std::string& gene,
                const ProteinSet& set,
                std::size_t from,
                const std::string& residues) {
  for (std::size_t i = 0; i < residues.size(); ++i) {
    if (known(set, gene, from + i, change) != residues[i]) return false;
  }
  return true;
}

void insertion_to_duplication(Change& c, const std::string& gene, const ProteinSet& set) {
  const std::size_t n = c.residues.size();
  std::size_t from = 0;
  if (stretch_is(c, gene, set, c.last, c.residues)) {
    from = c.last;
  } else if (c.first + 1 > n && stretch_is(c, gene, set, c.first + 1 - n, c.residues)) {
    from = c.first + 1 - n;
  } else {
    return;
  }
  c.kind = ChangeKind::duplication;
  c.first_residue = c.residues.front();
  c.last_residue = c.residues.back();
  c.first = from;
  c.last = from + n - 1;
  c.residues.clear();
}

/// The same lost or repeated residues, written at the last place that gives the same protein.
void shift_to_end(Change& c, const std::string& gene, const ProteinSet& set) {
  for (;;) {
    const auto next = set.residue(gene, c.last + 1), front = set.residue(gene, c.first);
    if (!next || !front || *next != *front) return;
    ++c.first;
    ++c.last;
    c.first_residue = set.residue(gene, c.first).value_or('\0');
    c.last_residue = *next;
  }
}

}  // namespace

std::optional<char> one_letter(std::string_view three) {
  const std::string small = lower(three);
  for (const auto& [name, letter] : residue_names) {
    if (name == small) return letter;
  }
  return std::nullopt;
}

std::optional<Change> parse_change(std::string_view text) {
  if (auto loose = loose_insertion(text)) return loose;
  Cursor at{text};
  const bool leading_del = at.word("del") || at.word("\xCE\x94");  // "delE746-A750", "ΔE746-A750"
  Change change;
  const auto first = at.residue(true);
  const auto position = at.number();
  if (!first || !position || *first == '*') return std::nullopt;
  change.first_residue = *first;
  change.first = change.last = *position;
  Cursor second = at;
  if (second.any_of("_-")) {
    const auto last = second.residue();
    const auto end = second.number();
    if (!last || !end || *end <= change.first) return std::nullopt;
    change.last_residue = *last;
    change.last = *end;
    if (leading_del) {
      if (!second.done()) return std::nullopt;
      change.kind = ChangeKind::deletion;
      return change;
    }
    return ending(second, change, true);
  }
  if (leading_del) {
    if (!at.done()) return std::nullopt;
    change.kind = ChangeKind::deletion;
    return change;
  }
  return ending(at, change, false);
}

std::optional<Change> parse_exon_change(std::string_view text) {
  std::string plain = lower(text);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '_'; });
  Cursor at{plain};
  if (!at.word("exon") && !at.word("ex")) return std::nullopt;
  Change change;
  const auto first = at.number();
  if (!first) return std::nullopt;
  change.first = change.last = *first;
  if (at.any_of("-")) {
    const auto last = at.number();
    if (!last || *last < *first) return std::nullopt;
    change.last = *last;
  }
  for (const std::string_view word :
       {"skippingmutation", "skipping", "skipped", "skip", "splice", "del14", ""}) {
    Cursor rest = at;
    if (rest.word(word) && rest.done() && change.first == change.last) {
      change.kind = ChangeKind::exon_skipping;
      return change;
    }
  }
  if ((at.word("deletion") || at.word("del")) && at.done()) {
    change.kind = ChangeKind::exon_deletion;
    return change;
  }
  return std::nullopt;
}

std::string standardise(Change& change, const std::string& gene, const ProteinSet& set) {
  if (change.kind == ChangeKind::exon_skipping || change.kind == ChangeKind::exon_deletion)
    return "";
  const auto check = [&](std::size_t at, char& residue) -> std::string {
    const auto real = set.residue(gene, at);
    if (!real) return "";
    if (residue == '\0') residue = *real;
    if (residue == *real) return "";
    return gene + " has " + std::string(1, *real) + " at residue " + std::to_string(at) + ", not " +
           std::string(1, residue);
  };
  if (std::string wrong = check(change.first, change.first_residue); !wrong.empty()) return wrong;
  if (change.last != change.first) {
    if (std::string wrong = check(change.last, change.last_residue); !wrong.empty()) return wrong;
  }
  if (change.kind == ChangeKind::insertion) insertion_to_duplication(change, gene, set);
  if (change.kind == ChangeKind::deletion || change.kind == ChangeKind::duplication) {
    shift_to_end(change, gene, set);
  }
  return "";
}

std::string Change::key() const {
  if (kind == ChangeKind::exon_skipping) return "exon" + std::to_string(first) + "skip";
  if (kind == ChangeKind::exon_deletion) {
    return "exon" + std::to_string(first) + (last != first ? "-" + std::to_string(last) : "") +
           "del";
  }
  const auto place = [](char residue, std::size_t at) {
    return (residue == '\0' ? std::string() : std::string(1, residue)) + std::to_string(at);
  };
  std::string out = place(first_residue, first);
  if (last != first) out += "_" + place(last_residue, last);
  switch (kind) {
    case ChangeKind::substitution:
      return out + residues;
    case ChangeKind::deletion:
      return out + "del";
    case ChangeKind::duplication:
      return out + "dup";
    case ChangeKind::insertion:
      return out + "ins" + residues;
    case ChangeKind::replacement:
      return out + "delins" + residues;
    case ChangeKind::frameshift:
      return out + "fs";
    case ChangeKind::exon_skipping:
    case ChangeKind::exon_deletion:
      break;
  }
  return out;
}

}  // namespace kinescape::evidence
