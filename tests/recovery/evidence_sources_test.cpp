// SPDX-License-Identifier: Apache-2.0
// What would the model have said of each shipped source, had it not been there? Every source is
// left out in turn, the model fitted anew without it, and its printed values predicted.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <set>

#include "base/parallel.hpp"
#include "evidence/potency.hpp"

namespace kinescape::evidence {
namespace {

struct Score {
  long cells = 0, all = 0, covered = 0, compound = 0;
  double model = 0, naive = 0, all_squared = 0, compound_squared = 0;
};

bool value(const Row& row, const Admission& admission) {
  return left_out(row, admission).empty() && row.kind == RowKind::measurement &&
         (row.relation == PrintedRelation::exact || row.relation == PrintedRelation::about);
}

/// Geometric mean of what other sources print for the same pair, enzymes apart from cells.
double naive_log10(const Library& without, const Row& row, const Admission& admission) {
  double sum = 0;
  int n = 0;
  for (const auto& other : without.rows) {
    const bool number = left_out(other, admission).empty() && other.kind == RowKind::measurement;
    if (number && other.agent == row.agent && other.gene == row.gene &&
        other.variant == row.variant &&
        (other.readout == Readout::enzyme) == (row.readout == Readout::enzyme)) {
      sum += std::log10(other.low);
      ++n;
    }
  }
  return n == 0 ? unknown : sum / n;
}

Score leave_out(const Library& library, const std::string& source, const PotencyOptions& options) {
  Library without;
  without.sources = library.sources;
  std::vector<Row> held_out;
  for (const auto& row : library.rows) {
    if (row.source_identity != source) {
      without.rows.push_back(row);
    } else if (value(row, options.admission)) {
      held_out.push_back(row);
    }
  }
  Score s;
  if (held_out.empty()) return s;
  const PotencyModel model(without, options);
  for (const auto& row : held_out) {
    const auto [mean, sd] = model.predicted(row, false);
    if (std::isnan(mean)) continue;
    const double error = mean - std::log10(row.low);
    ++s.all;
    s.all_squared += error * error;
    s.covered += std::abs(error) < 1.96 * sd;
    if (row.changes.size() > 1) {
      ++s.compound;
      s.compound_squared += error * error;
    }
    const double naive = naive_log10(without, row, options.admission);
    if (std::isnan(naive)) continue;
    ++s.cells;
    s.model += error * error;
    s.naive += std::pow(naive - std::log10(row.low), 2);
  }
  return s;
}

Score run(const char* title, bool unread) {
  const std::string root = std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/";
  const Library library = load({root + "literature", root + "literature-unread"}).value;
  PotencyOptions options;
  options.admission.unread = unread;
  options.draws = 0;
  std::set<std::string> identities;
  for (const auto& row : library.rows) {
    if (value(row, options.admission)) identities.insert(row.source_identity);
  }
  const std::vector<std::string> sources(identities.begin(), identities.end());
  std::vector<Score> each(sources.size());
  parallel_for(sources.size(), {}, [&](std::size_t i) {
    each[i] = leave_out(library, sources[i], options);
  });
  Score total;
  for (const auto& s : each) {
    total.cells += s.cells, total.all += s.all, total.covered += s.covered,
        total.compound += s.compound;
    total.model += s.model, total.naive += s.naive, total.all_squared += s.all_squared,
        total.compound_squared += s.compound_squared;
  }
  const auto rmse = [](double sum, long n) { return std::sqrt(sum / static_cast<double>(n)); };
  std::printf(
      "%s: %ld values with the pair elsewhere: model %.3f, geometric mean %.3f log10; all %ld "
      "values %.3f, 95 %% intervals hold %.3f; %ld compound %.3f\n",
      title,
      total.cells,
      rmse(total.model, total.cells),
      rmse(total.naive, total.cells),
      total.all,
      rmse(total.all_squared, total.all),
      static_cast<double>(total.covered) / static_cast<double>(total.all),
      total.compound,
      rmse(total.compound_squared, total.compound));
  return total;
}

TEST(EvidenceSources, a_source_that_was_left_out_is_predicted_better_than_by_the_geometric_mean) {
  for (const bool unread : {false, true}) {
    const Score s = run(unread ? "all rows" : "read rows", unread);
    EXPECT_LT(s.model, s.naive);
    EXPECT_GT(static_cast<double>(s.covered), 0.93 * static_cast<double>(s.all));
    EXPECT_LT(s.compound_squared / static_cast<double>(s.compound), 2.0)
        << "far from two orders of magnitude";
  }
}

}  // namespace
}  // namespace kinescape::evidence
