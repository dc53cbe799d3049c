// SPDX-License-Identifier: Apache-2.0
// Three repeats of one matrix know the error of its score badly; the matrices of one experiment,
// repeated on the same days by the same hands, know it together (docs/adr/0005). What is expected
// of a matrix, up to a factor common to all, is what its wells explain and how far days move its
// score.
#include <algorithm>
#include <cmath>

#include "combination/results_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/shared_spread.hpp"

namespace kinescape::combination {
namespace {

using Summaries = std::array<double, reference_count>;

/// The fitted surface at the matrix's doses, both drugs that much more potent.
Surface surface_on_a_day(const PairResult& pair, double log_a, double log_b) {
  Surface out = pair.cells.mean;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::isnan(out.viability[i])) continue;
    out.viability[i] = predict(pair.musyc,
                               out.axis_nM[0][out.at(i, 0)] * std::exp(log_a),
                               out.axis_nM[1][out.at(i, 1)] * std::exp(log_b));
  }
  return out;
}

void add_squared_slopes(const Summaries& up, const Summaries& down, double scale, Summaries& sum) {
  for (std::size_t m = 0; m < reference_count; ++m) {
    const double slope = (up[m] - down[m]) * scale;
    if (std::isfinite(slope)) sum[m] += slope * slope;
  }
}

Summaries technical_variance(const PairResult& pair, const ScoreOptions& scoring) {
  constexpr double step = 0.02;
  Summaries out{};
  Surface moved = pair.cells.mean;
  const double c = pair.musyc.constant_share;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const double v = moved.viability[i];
    if (std::isnan(v)) continue;
    double wells = 0.0;
    for (const auto& of_repeat : pair.cells.wells) wells += of_repeat[i];
    moved.viability[i] = v + step;
    const Summaries up = score(moved, scoring).summary;
    moved.viability[i] = v - step;
    const Summaries down = score(moved, scoring).summary;
    moved.viability[i] = v;
    const double sd = pair.musyc.residual_sd * std::sqrt((c + (1.0 - c) * v * v) / wells);
    add_squared_slopes(up, down, sd / (2.0 * step), out);
  }
  return out;
}

/// One variance over days for all pairs: that of the log potencies, from the fitted surfaces.
double shift_variance(const std::vector<PairResult>& pairs) {
  double sum = 0.0, weight = 0.0;
  for (const PairResult& pair : pairs) {
    const double v = potency_variance(pair.musyc, pair.cells.repeats());
    if (std::isnan(v)) continue;
    sum += (pair.repeats - 1) * v;
    weight += pair.repeats - 1;
  }
  return weight > 0.0 ? sum / weight : unknown;
}

struct Member {
  ScoreResult* score;
  numeric::OwnSpread own;
};

void settle_shared(const Member& member,
                   const numeric::SharedSpread& shared,
                   std::size_t together,
                   double level) {
  Estimated& e = member.score->summary;
  const double se = std::sqrt(shared.variance);
  const double half = numeric::student_t_quantile(0.5 + 0.5 * level, shared.df) * se;
  e.low = e.value - half;
  e.high = e.value + half;
  e.method += "; the spread of repeats shared by " + std::to_string(together) + " combinations";
  member.score->p = numeric::two_sided_t(e.value / se, shared.df);
}

}  // namespace

void expect_errors(PairResult& pair, const ScoreOptions& scoring) {
  if (!pair.musyc.usable() || pair.drugs.size() != 2) return;
  constexpr double step = 0.15;  // of log potency: as far as days move it
  const auto on_a_day = [&](double a, double b) {
    return score(surface_on_a_day(pair, a, b), scoring).summary;
  };
  Summaries moved{};
  add_squared_slopes(on_a_day(step, 0.0), on_a_day(-step, 0.0), 0.5 / step, moved);
  add_squared_slopes(on_a_day(0.0, step), on_a_day(0.0, -step), 0.5 / step, moved);
  const Summaries technical = technical_variance(pair, scoring);
  for (std::size_t m = 0; m < reference_count; ++m) {
    pair.scores[m].error.technical = technical[m];
    pair.scores[m].error.moved = moved[m];
  }
}

void share_errors(std::vector<PairResult>& pairs, double level) {
  const double shift = shift_variance(pairs);
  if (std::isnan(shift)) return;
  for (std::size_t m = 0; m < reference_count; ++m) {
    std::vector<Member> members;
    for (PairResult& pair : pairs) {
      ScoreResult& s = pair.scores[m];
      const double expected = s.error.technical + s.error.moved * shift / pair.repeats;
      if (!(s.error.se > 0.0) || !(expected > 0.0) || s.error.by_repeat.empty()) continue;
      members.push_back({&s,
                         {s.error.se * s.error.se,
                          s.error.df,
                          expected,
                          pair.line,
                          pair.drugs[0] + " + " + pair.drugs[1],
                          pair.repeat_names,
                          s.error.by_repeat}});
    }
    if (members.size() < 2) continue;
    std::vector<numeric::OwnSpread> own;
    for (const Member& member : members) own.push_back(member.own);
    const auto shared = numeric::share_spread(own);
    for (std::size_t i = 0; i < members.size(); ++i) {
      settle_shared(members[i], shared[i], members.size(), level);
    }
  }
}

}  // namespace kinescape::combination
