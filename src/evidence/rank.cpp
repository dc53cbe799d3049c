// SPDX-License-Identifier: Apache-2.0
#include "evidence/rank.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/number.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::evidence {
namespace {

/// Log10 SD of mean exposure between populations where a label states one number: about 1.4-fold
/// either way at 95 %, as between-study differences of labels usually are.
constexpr double exposure_log10_sd = 0.075;

struct Free {
  const Exposure* exposure = nullptr;
  double log10_nM = unknown;  ///< Of the middle.
  double log10_sd = unknown;
};

Free free_concentration(const Library& library, const std::string& agent, bool unread) {
  Free out;
  for (const auto& pack : library.packs) {
    for (const auto& e : pack.exposures) {
      if (library.agent(e.agent) != agent || (e.read != Read::yes && !unread)) continue;
      const double middle = e.free_average_nM();
      if (!(middle > 0) || (out.exposure != nullptr && out.exposure->read == Read::yes)) continue;
      out.exposure = &e;
      out.log10_nM = std::log10(middle);
      out.log10_sd = exposure_log10_sd;
      if (e.fraction_unbound_low > 0 && e.fraction_unbound_high > e.fraction_unbound_low) {
        // Binding known as a range only: its geometric middle, and the range as 95 %.
        const double low = std::log10(e.fraction_unbound_low),
                     high = std::log10(e.fraction_unbound_high);
        out.log10_nM += 0.5 * (low + high) - std::log10(e.fraction_unbound);
        out.log10_sd = std::hypot(out.log10_sd, (high - low) / 3.92);
      }
    }
  }
  return out;
}

double quantile_of(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(below);
  return below + 1 < values.size() ? values[below] * (1 - part) + values[below + 1] * part
                                   : values.back();
}

Estimated interval_of(const std::vector<double>& log10_values,
                      const Estimated& like,
                      std::string method) {
  Estimated e;
  e.level = like.level;
  e.n = like.n;
  e.method = std::move(method);
  e.status = Status::ok;
  const double tail = 0.5 * (1 - like.level);
  const double mean = std::accumulate(log10_values.begin(), log10_values.end(), 0.0) /
                      static_cast<double>(log10_values.size());
  e.value = std::pow(10.0, mean);
  e.low = std::pow(10.0, quantile_of(log10_values, tail));
  e.high = std::pow(10.0, quantile_of(log10_values, 1 - tail));
  return e;
}

/// Scores of the agents in each draw, higher is better; NaN where the criterion knows nothing.
using Scores = std::vector<std::vector<double>>;  // [draw][agent]

struct Compared {
  Scores cover, score;
};

Compared score(const PotencyDraws& draws,
               const std::vector<Free>& free,
               Criterion criterion,
               const RankOptions& options) {
  Compared out;
  const double to_ic =
      std::log10(options.ic_percent / (100.0 - options.ic_percent)) / options.hill_slope;
  for (std::size_t d = 0; d < draws.log10_ic50.size(); ++d) {
    Stream stream(options.seed, 3, d / 2);
    std::vector<double> cover, by;
    for (std::size_t a = 0; a < free.size(); ++a) {
      const double z = (d % 2 == 0 ? 1.0 : -1.0) * stream.normal();
      const double c = free[a].log10_nM + free[a].log10_sd * z - draws.log10_ic50[d][a] - to_ic;
      cover.push_back(c);
      by.push_back(criterion == Criterion::cover    ? c
                   : criterion == Criterion::window ? draws.log10_window[d][a]
                   : criterion == Criterion::fold   ? -draws.log10_fold[d][a]
                                                    : -draws.log10_ic50[d][a]);
    }
    out.cover.push_back(std::move(cover));
    out.score.push_back(std::move(by));
  }
  return out;
}

bool comparable(const Scores& scores, std::size_t agent) {
  return !scores.empty() && std::isfinite(scores.front()[agent]);
}

void fill_order(std::vector<Ranked>& ranked, const Scores& scores) {
  const std::size_t n = ranked.size();
  const double draws = static_cast<double>(scores.size());
  std::vector<double> best(n, 0.0), place(n, 0.0);
  std::vector<std::vector<double>> above(n, std::vector<double>(n, 0.0));
  for (const auto& s : scores) {
    std::size_t top = n;
    for (std::size_t a = 0; a < n; ++a) {
      if (!std::isfinite(s[a])) continue;
      if (top == n || s[a] > s[top]) top = a;
      place[a] += 1.0;
      for (std::size_t b = 0; b < n; ++b) {
        if (!std::isfinite(s[b]) || b == a) continue;
        if (s[b] > s[a]) place[a] += 1.0;
        if (s[a] > s[b]) above[a][b] += 1.0;
      }
    }
    if (top < n) best[top] += 1.0;
  }
  for (std::size_t a = 0; a < n; ++a) {
    if (!comparable(scores, a)) continue;
    ranked[a].p_best = best[a] / draws;
    ranked[a].expected_rank = place[a] / draws;
    for (std::size_t b = 0; b < n; ++b) {
      if (b == a || !comparable(scores, b)) continue;
      if (above[a][b] / draws < 0.95 && above[b][a] / draws < 0.95)
        ranked[a].tied_with.push_back(ranked[b].agent);
    }
  }
}

/// Which single source or exposure, left out or at its other end, reverses the two at the top.
void fill_flips(const PotencyModel& model,
                const std::vector<Free>& free,
                const Ranking& r,
                const std::map<std::string, std::size_t>& at,
                std::vector<Flip>& out) {
  if (r.ranking.size() < 2 || std::isnan(r.ranking[1].expected_rank)) return;
  const Ranked &first = r.ranking[0], &second = r.ranking[1];
  const auto centre = [&](const Ranked& x, double log10_ic50) {
    if (r.criterion == Criterion::cover) return free[at.at(x.agent)].log10_nM - log10_ic50;
    return -log10_ic50;
  };
  const auto fold_of = [&](const Ranked& x, const std::string& source) {
    const double ic50 = model.log10_without(x.agent, r.variant, source);
    if (r.criterion != Criterion::fold && r.criterion != Criterion::window) return centre(x, ic50);
    const VariantOf other = r.criterion == Criterion::fold ? VariantOf{r.variant.gene, "WT"}
                                                           : VariantOf{"", "parental"};
    return model.log10_without(x.agent, other, source) - ic50;
  };
  std::set<std::string> tried;
  for (const auto* x : {&first, &second}) {
    const PotencyEstimate with_sources = model.estimate(x->agent, r.variant);
    for (const auto& source : with_sources.by_source) {
      if (!tried.insert(source.identity).second) continue;
      if (fold_of(second, source.identity) > fold_of(first, source.identity)) {
        out.push_back({"source",
                       "Without " + (source.citation.empty() ? source.identity : source.citation) +
                           ", " + second.agent + " comes before " + first.agent + "."});
      }
    }
  }
  if (r.criterion != Criterion::cover) return;
  const auto ends = [&](const Ranked& x) { return std::array{x.cover.low, x.cover.high}; };
  const Free &a = free[at.at(first.agent)], &b = free[at.at(second.agent)];
  const double gap = std::log10(first.cover.value) - std::log10(second.cover.value);
  if (1.96 * (a.log10_sd + b.log10_sd) > gap && ends(first)[0] < ends(second)[1]) {
    out.push_back({"exposure",
                   "Exposure and protein binding at the ends of what is known put " + second.agent +
                       " before " + first.agent + "."});
  }
}

void fill_lists(const Library& library, const PotencyModel& model, Ranking& r, bool unread) {
  std::set<std::string> ranked, of_gene;
  for (const auto& x : r.ranking) {
    ranked.insert(x.agent);
    (x.list == "conflicting" ? r.conflicting : r.supported)
        .push_back({x.agent,
                    x.list == "conflicting" ? "Its rows contradict each other." : "",
                    x.potency.ic50_nM});
  }
  for (const auto& agent : model.agents_of(r.variant.gene)) {
    of_gene.insert(agent);
    if (ranked.contains(agent)) continue;
    const PotencyEstimate e = model.summary(agent, r.variant);
    const bool left = std::any_of(
        e.rows.begin(), e.rows.end(), [](const RowUse& u) { return u.role == "this pair"; });
    r.unmeasured.push_back(
        {agent,
         left ? "Rows on this pair are there, but none that may weigh." : "No row on this pair.",
         e.ic50_nM});
  }
  std::map<std::string, std::string> others;
  for (const auto& row : library.rows) {
    if (of_gene.contains(row.agent) || row.gene.empty()) continue;
    const bool here = row.gene == r.variant.gene;
    std::string& why = others[row.agent];
    if (here && row.read != Read::yes && !unread)
      why = "Rows on this target were not read in their source.";
    if (why.empty()) why = "No row on this target.";
  }
  for (const auto& [agent, why] : others) {
    (why.starts_with("Rows") ? r.unmeasured : r.out_of_scope).push_back({agent, why, {}});
  }
}

}  // namespace

std::string_view name(Criterion criterion) {
  switch (criterion) {
    case Criterion::cover:
      return "cover";
    case Criterion::fold:
      return "fold_over_wild_type";
    case Criterion::window:
      return "window_over_parental";
    case Criterion::ic50:
      return "ic50";
  }
  return "";
}

Ranking rank(const Library& library,
             const PotencyModel& model,
             const std::vector<Conflict>& conflicts,
             const VariantOf& variant,
             const RankOptions& options) {
  Ranking out;
  out.variant = variant;
  if (!model.usable()) {
    out.why = model.why();
    return out;
  }
  for (const auto& c : conflicts) {
    if (c.contradiction() && c.variant == variant) out.conflicts.push_back(c);
  }
  std::vector<std::string> agents;
  for (const auto& agent : model.agents_of(variant.gene)) {
    Ranked r;
    r.potency = model.summary(agent, variant);
    if (!r.potency.measured) continue;
    r.agent = agent;
    const bool clash = std::any_of(out.conflicts.begin(),
                                   out.conflicts.end(),
                                   [&](const Conflict& c) { return c.agent == agent; });
    r.list = clash ? "conflicting" : "supported";
    agents.push_back(agent);
    out.ranking.push_back(std::move(r));
  }
  std::vector<Free> free;
  std::size_t exposed = 0;
  for (auto& r : out.ranking) {
    free.push_back(free_concentration(library, r.agent, options.include_unread));
    const Free& f = free.back();
    if (f.exposure == nullptr) continue;
    ++exposed;
    r.exposure_row = f.exposure->pack + ":" + f.exposure->id;
    r.regimen = f.exposure->regimen;
    r.exposure_unread = f.exposure->read != Read::yes;
  }
  const bool folds = variant.key != "WT" && variant.key != "parental";
  out.criterion = options.by.value_or(exposed >= 2 ? Criterion::cover
                                      : folds      ? Criterion::fold
                                                   : Criterion::ic50);
  if (agents.empty()) {
    out.why = "No row that may weigh is on " + variant.text() + ".";
    fill_lists(library, model, out, options.include_unread);
    return out;
  }
  const PotencyDraws draws = model.draws(agents, variant, options.draws, options.seed);
  const Compared compared = score(draws, free, out.criterion, options);
  for (std::size_t a = 0; a < out.ranking.size(); ++a) {
    Ranked& r = out.ranking[a];
    if (!comparable(compared.cover, a)) {
      r.cover.status = Status::too_few_data;
      r.cover.why = "No exposure of this agent that may weigh.";
      continue;
    }
    std::vector<double> values;
    for (const auto& d : compared.cover) values.push_back(d[a]);
    r.cover = interval_of(values,
                          r.potency.ic50_nM,
                          "free mean steady-state concentration over IC" +
                              rounded(options.ic_percent, 2) + ", joint draws");
    r.p_cover_above_1 = static_cast<double>(std::count_if(
                            values.begin(), values.end(), [](double v) { return v > 0; })) /
                        static_cast<double>(values.size());
  }
  fill_order(out.ranking, compared.score);
  std::map<std::string, std::size_t> at;
  for (std::size_t a = 0; a < agents.size(); ++a) at[agents[a]] = a;
  std::stable_sort(out.ranking.begin(), out.ranking.end(), [](const Ranked& a, const Ranked& b) {
    const auto place = [](const Ranked& r) {
      return std::isnan(r.expected_rank) ? 1e9 : r.expected_rank;
    };
    return place(a) < place(b);
  });
  fill_flips(model, free, out, at, out.would_change);
  fill_lists(library, model, out, options.include_unread);
  return out;
}

}  // namespace kinescape::evidence
