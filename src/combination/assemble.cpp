// SPDX-License-Identifier: Apache-2.0
// Which wells belong to which combination: rows and plates to blocks.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "combination/rows_internal.hpp"

namespace kinescape::combination {
namespace {

using Names = std::vector<std::string>;

/// The drugs a row has a dose of, or names.
Names dosed(const Row& r) {
  Names out;
  for (std::size_t k = 0; k < most_drugs; ++k) {
    if (r.dose_nM[k] > 0.0) out.push_back(r.drug[k]);
  }
  return out;
}
Names named(const Row& r) {
  Names out;
  for (std::size_t k = 0; k < most_drugs; ++k) {
    if (!r.drug[k].empty()) out.push_back(r.drug[k]);
  }
  return out;
}

struct Key {
  std::string line;
  Names drugs;  ///< Sorted.
  auto operator<=>(const Key&) const = default;
};

struct Building {
  Block block;
  std::map<std::string, int> repeat;
  std::set<std::string> groups;
};

class Assembler {
 public:
  Assembler(const Rows& rows, std::string file) : rows_(rows), file_(std::move(file)) {}

  Checked<std::vector<Block>> run() {
    find_blocks();
    for (const Row& r : rows_.rows) place(r);
    for (Building& b : built_) {
      if (b.block.repeats.empty()) b.block.repeats.emplace_back();
      b.block.repeats_named = named_ && (b.block.repeats.size() > 1 || !b.block.repeats[0].empty());
      b.block.excluded_wells = rows_.excluded;
      out_.value.push_back(std::move(b.block));
    }
    if (out_.value.empty() && out_.problems.empty()) {
      out_.problems.push_back({{file_, 0, 0, "", ""},
                               "no well holds two drugs",
                               "A combination needs wells with both drugs; single agents belong to "
                               "kinescape viability.",
                               Severity::error});
    }
    if (!swapped_.empty()) {
      out_.problems.push_back({{file_, 0, 0, "", ""},
                               "the drugs of " + swapped_ + " stand in both orders",
                               "They were read as one combination, in the order first met.",
                               Severity::warning});
    }
    return std::move(out_);
  }

 private:
  /// Every set of drugs that some row doses together, or names together; the largest sets only.
  void find_blocks() {
    named_ = rows_.repeats_named || rows_.groups_are_blocks;
    std::map<Key, Names> found;
    std::vector<Key> order;
    for (const Row& r : rows_.rows) {
      Names drugs = dosed(r);
      if (drugs.size() < 2) drugs = named(r);
      if (drugs.size() < 2) continue;
      Names sorted = drugs;
      std::sort(sorted.begin(), sorted.end());
      if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        if (said_twice_) continue;
        said_twice_ = true;
        out_.problems.push_back({{file_, 0, 0, "", ""},
                                 "a well holds \"" + printable(drugs[0]) + "\" twice",
                                 "Name the two drugs apart; a drug combined with itself as \"" +
                                     printable(drugs[0]) + " (2)\".",
                                 Severity::error});
        continue;
      }
      const Key key{r.line, sorted};
      const auto [at, fresh] = found.emplace(key, drugs);
      if (fresh) order.push_back(key);
      if (!fresh && at->second != drugs) swapped_ = drugs[0] + " and " + drugs[1];
    }
    for (const Key& key : order) {
      const bool part = std::any_of(order.begin(), order.end(), [&](const Key& other) {
        return other.line == key.line && other.drugs.size() > key.drugs.size() &&
               std::includes(
                   other.drugs.begin(), other.drugs.end(), key.drugs.begin(), key.drugs.end());
      });
      if (part) continue;
      Building b;
      b.block.line = key.line;
      b.block.drugs = found.at(key);
      built_.push_back(std::move(b));
    }
    for (const Row& r : rows_.rows) {  // the plates or matrices on which a block has wells
      const Names drugs = dosed(r).size() > 1 ? dosed(r) : named(r);
      if (drugs.size() < 2) continue;
      for (Building& b : built_) {
        if (b.block.line == r.line && holds(b, drugs)) b.groups.insert(r.group);
      }
    }
  }

  static bool holds(const Building& b, const Names& drugs) {
    return std::all_of(drugs.begin(), drugs.end(), [&](const std::string& d) {
      return std::find(b.block.drugs.begin(), b.block.drugs.end(), d) != b.block.drugs.end();
    });
  }

  void place(const Row& r) {
    const Names in = dosed(r), names = named(r);
    for (Building& b : built_) {
      const bool line = b.block.line == r.line || (r.line.empty() && in.empty());
      if (!line || !holds(b, in.size() > 1 || names.size() < 2 ? in : names)) continue;
      if (!b.groups.empty() && !b.groups.contains(r.group) && in.size() < 2) continue;
      std::string repeat = r.repeat;
      if (repeat.empty() && rows_.groups_are_blocks) repeat = "block " + r.group;
      const auto [at, fresh] = b.repeat.emplace(repeat, static_cast<int>(b.block.repeats.size()));
      if (fresh) b.block.repeats.push_back(repeat);
      Well w;
      w.viability = r.viability;
      w.repeat = at->second;
      for (std::size_t k = 0; k < most_drugs; ++k) {
        if (!(r.dose_nM[k] > 0.0)) continue;
        const auto place = std::find(b.block.drugs.begin(), b.block.drugs.end(), r.drug[k]) -
                           b.block.drugs.begin();
        w.dose_nM[static_cast<std::size_t>(place)] = r.dose_nM[k];
      }
      b.block.wells.push_back(w);
    }
  }

  const Rows& rows_;
  std::string file_;
  std::vector<Building> built_;
  std::string swapped_;
  bool named_ = false, said_twice_ = false;
  Checked<std::vector<Block>> out_;
};

struct PlateLevels {
  double blank = 0.0, vehicle = 0.0;
  int blanks = 0, vehicles = 0;
};

}  // namespace

Checked<std::vector<Block>> assemble(const Rows& rows, const std::string& file) {
  return Assembler(rows, file).run();
}

Checked<std::vector<Block>> blocks_of(const plate::PlateSet& plates) {
  const bool raw = plates.scale == plate::Scale::signal;
  std::map<std::string, PlateLevels> levels;
  Problems problems;
  for (const plate::Well& w : plates.wells) {
    if (!w.excluded.empty() || w.reading != plate::Reading::measured) continue;
    PlateLevels& p = levels[w.plate];
    if (w.role == plate::Role::blank) {
      p.blank += w.signal;
      ++p.blanks;
    } else if (w.role == plate::Role::vehicle) {
      p.vehicle += w.signal;
      ++p.vehicles;
    }
  }
  const std::string file = plates.plates.empty() ? "" : plates.plates.front().file;
  for (auto& [name, p] : levels) {
    if (!raw) break;
    if (p.blanks > 0) p.blank /= p.blanks;
    if (p.vehicles > 0) p.vehicle /= p.vehicles;
    if (p.vehicles == 0) {
      problems.push_back({{file, 0, 0, "plate " + name, ""},
                          "plate \"" + name +
                              "\" has no vehicle wells: its signals cannot become "
                              "viability",
                          "Give the controls of each plate; those of another plate do not serve.",
                          Severity::error});
    } else if (!(p.vehicle - p.blank > 0.0)) {
      problems.push_back({{file, 0, 0, "plate " + name, ""},
                          "the vehicle wells of plate \"" + name + "\" are not above its blanks",
                          "Check which wells are controls.",
                          Severity::error});
    } else if (p.blanks == 0) {
      problems.push_back({{file, 0, 0, "plate " + name, ""},
                          "plate \"" + name +
                              "\" has no blank wells: a signal of 0 was taken for "
                              "no cells",
                          "Give blank wells where the reader has a background.",
                          Severity::warning});
    }
  }
  if (has_errors(problems)) return {{}, std::move(problems)};
  Rows rows;
  for (const plate::Well& w : plates.wells) {
    if (w.role != plate::Role::sample && w.role != plate::Role::vehicle) continue;
    if (!w.excluded.empty() || w.reading != plate::Reading::measured) {
      ++rows.excluded;
      continue;
    }
    Row r;
    r.line = w.line;
    r.group = raw ? w.plate : "";
    r.repeat = w.repeat;
    rows.repeats_named = rows.repeats_named || !w.repeat.empty();
    r.drug = {w.drug, w.drug_b};
    r.dose_nM = {w.dose_nM, w.dose_b_nM};
    const PlateLevels& p = levels[w.plate];
    r.viability = raw ? (w.signal - p.blank) / (p.vehicle - p.blank) : w.signal;
    rows.rows.push_back(std::move(r));
  }
  auto out = assemble(rows, file);
  append(problems, std::move(out.problems));
  out.problems = std::move(problems);
  return out;
}

}  // namespace kinescape::combination
