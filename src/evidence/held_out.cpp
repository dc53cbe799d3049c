// SPDX-License-Identifier: Apache-2.0
// Each source left out in turn.
#include "evidence/held_out.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

namespace kinescape::evidence {
namespace {

bool printed_value(const Row& row, const Admission& admission) {
  return left_out(row, admission).empty() && row.kind == RowKind::measurement &&
         (row.relation == PrintedRelation::exact || row.relation == PrintedRelation::about);
}

/// Of what other sources print for the pair, enzymes apart from cells; a bound counts as its limit,
/// as whoever averages a column takes it.
double geometric_mean(const Library& others, const Row& row, const Admission& admission) {
  double sum = 0;
  int n = 0;
  for (const Row& other : others.rows) {
    if (other.kind == RowKind::measurement && other.low > 0 && other.agent == row.agent &&
        other.gene == row.gene && other.variant == row.variant &&
        (other.readout == Readout::enzyme) == (row.readout == Readout::enzyme) &&
        left_out(other, admission).empty()) {
      sum += std::log10(other.low);
      ++n;
    }
  }
  return n == 0 ? unknown : sum / n;
}

std::vector<HeldOutValue> without(const Library& library,
                                  const std::string& source,
                                  const PotencyOptions& options) {
  Library others;
  others.sources = library.sources;
  std::vector<HeldOutValue> out;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.source_identity != source) {
      others.rows.push_back(row);
    } else if (printed_value(row, options.admission)) {
      out.push_back({});
      out.back().row = i;
    }
  }
  const PotencyModel model(others, options);
  for (HeldOutValue& v : out) {
    const Row& row = library.rows[v.row];
    const Prediction p = model.prediction(row);
    if (std::isnan(p.expected.value)) continue;
    v.printed = std::log10(row.low);
    v.expected = std::log10(p.expected.value);
    v.sd = p.sd_log10;
    v.p_below = p.p_below;
    v.log_density = p.log_density;
    v.answer = std::log10(model.summary(row.agent, {row.gene, row.variant}).ic50_nM.value);
    v.geometric_mean = geometric_mean(others, row, options.admission);
  }
  std::erase_if(out, [](const HeldOutValue& v) { return std::isnan(v.printed); });
  return out;
}

using Belongs = std::function<bool(const HeldOutValue&)>;

HeldOutScore score(std::string group,
                   const std::vector<HeldOutValue>& values,
                   double level,
                   const Belongs& belongs) {
  HeldOutScore s;
  s.group = std::move(group);
  double squared = 0, absolute = 0, covered = 0, density = 0, answer = 0, geometric = 0,
         geometric_absolute = 0;
  const double tail = 0.5 * (1.0 - level);
  int with_geometric = 0;
  for (const HeldOutValue& v : values) {
    if (!belongs(v)) continue;
    ++s.n;
    squared += std::pow(v.expected - v.printed, 2);
    absolute += std::abs(v.expected - v.printed);
    covered += v.p_below >= tail && v.p_below <= 1.0 - tail;
    density += v.log_density;
    answer += std::pow(v.answer - v.printed, 2);
    if (std::isnan(v.geometric_mean)) continue;
    ++with_geometric;
    geometric += std::pow(v.geometric_mean - v.printed, 2);
    geometric_absolute += std::abs(v.geometric_mean - v.printed);
  }
  if (s.n == 0) return s;
  s.rmse = std::sqrt(squared / s.n);
  s.mae = absolute / s.n;
  s.coverage = covered / s.n;
  s.log_density = density / s.n;
  s.answer_rmse = std::sqrt(answer / s.n);
  if (with_geometric < s.n) return s;  // not on the same values: no comparison
  s.geometric_rmse = std::sqrt(geometric / s.n);
  s.geometric_mae = geometric_absolute / s.n;
  s.geometric_log_density = -0.5 - 0.5 * std::log(2 * std::numbers::pi * geometric / s.n);
  return s;
}

}  // namespace

HeldOut leave_sources_out(const Library& library, const PotencyOptions& options, Threads threads) {
  std::set<std::string> identities;
  for (const Row& row : library.rows) {
    if (printed_value(row, options.admission)) identities.insert(row.source_identity);
  }
  const std::vector<std::string> sources(identities.begin(), identities.end());
  std::vector<std::vector<HeldOutValue>> each(sources.size());
  PotencyOptions inner = options;
  inner.threads = Threads{1};
  parallel_for(sources.size(), threads, [&](std::size_t i) {
    each[i] = without(library, sources[i], inner);
  });
  HeldOut out;
  out.level = options.level;
  std::set<std::string> targets;
  for (auto& values : each) {
    out.sources += !values.empty();
    out.values.insert(out.values.end(), values.begin(), values.end());
  }
  std::sort(out.values.begin(), out.values.end(), [](const auto& a, const auto& b) {
    return a.row < b.row;
  });
  const auto row_of = [&](const HeldOutValue& v) -> const Row& { return library.rows[v.row]; };
  for (const HeldOutValue& v : out.values) targets.insert(row_of(v).gene);
  const auto add = [&](const std::string& group, const Belongs& belongs) {
    HeldOutScore s = score(group, out.values, options.level, belongs);
    if (s.n > 0) out.scores.push_back(std::move(s));
  };
  const auto elsewhere = [](const HeldOutValue& v) { return !std::isnan(v.geometric_mean); };
  const auto in_cells = [&](const HeldOutValue& v) {
    return row_of(v).system_kind == SystemKind::engineered && row_of(v).readout != Readout::enzyme;
  };
  add("pair printed elsewhere", elsewhere);
  add("pair printed elsewhere, engineered cells",
      [&](const auto& v) { return elsewhere(v) && in_cells(v); });
  for (const std::string& gene : targets) {
    const std::string name = gene.empty() ? "parental cells" : gene;
    add("pair printed elsewhere, " + name,
        [&](const auto& v) { return elsewhere(v) && row_of(v).gene == gene; });
  }
  add("all values", [](const auto&) { return true; });
  for (const std::string& gene : targets) {
    const std::string name = gene.empty() ? "parental cells" : gene;
    add("all values, " + name, [&](const auto& v) { return row_of(v).gene == gene; });
  }
  add("compound variants", [&](const auto& v) { return row_of(v).changes.size() > 1; });
  return out;
}

}  // namespace kinescape::evidence
