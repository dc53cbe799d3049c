// SPDX-License-Identifier: Apache-2.0
// One block: its scores with their errors, its cells, its peak region, its best pair.
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "combination/results_internal.hpp"
#include "combination/spread_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/multiplicity.hpp"

namespace kinescape::combination {
namespace {

enum : std::uint32_t { peak_draw = 0x636f6d01, best_draw };

/// Neighbouring dose pairs, three by three or what there is; of three drugs and of designs too
/// sparse for that, single cells.
struct Window {
  std::vector<std::size_t> cells;
  std::array<double, most_drugs> low_nM{}, high_nM{};
};

double mean_over(const std::vector<double>& delta, const std::vector<std::size_t>& cells) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const std::size_t c : cells) {
    if (std::isnan(delta[c])) continue;
    sum += delta[c];
    ++n;
  }
  return 2 * n >= cells.size() && n > 0 ? sum / static_cast<double>(n) : unknown;
}

std::vector<Window> single_cells(const Surface& s) {
  std::vector<Window> out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    Window w{{i}, {}, {}};
    bool all = !std::isnan(s.viability[i]);
    for (std::size_t k = 0; k < s.axis_nM.size(); ++k) {
      w.low_nM[k] = w.high_nM[k] = s.axis_nM[k][s.at(i, k)];
      all = all && s.at(i, k) > 0;
    }
    if (all) out.push_back(std::move(w));
  }
  return out;
}

std::vector<Window> windows_of(const Surface& s) {
  if (s.axis_nM.size() != 2) return single_cells(s);
  std::vector<Window> out;
  const std::size_t na = s.axis_nM[0].size(), nb = s.axis_nM[1].size();
  const std::size_t wide = std::min<std::size_t>(3, na - 1),
                    high = std::min<std::size_t>(3, nb - 1);
  for (std::size_t a = 1; a + wide <= na; ++a) {
    for (std::size_t b = 1; b + high <= nb; ++b) {
      Window w;
      for (std::size_t i = a; i < a + wide; ++i) {
        for (std::size_t j = b; j < b + high; ++j) w.cells.push_back(i * nb + j);
      }
      w.low_nM = {s.axis_nM[0][a], s.axis_nM[1][b]};
      w.high_nM = {s.axis_nM[0][a + wide - 1], s.axis_nM[1][b + high - 1]};
      out.push_back(std::move(w));
    }
  }
  const bool sparse = std::none_of(out.begin(), out.end(), [&](const Window& w) {
    return !std::isnan(mean_over(s.viability, w.cells));
  });
  return sparse ? single_cells(s) : out;  // rays cross no 3 x 3 region
}

/// What the error is propagated to, in this order: four summaries, the windows of each reference,
/// the cells of each reference, the cells' viability, the index and the reductions.
struct Layout {
  std::size_t windows, cells, drugs;
  [[nodiscard]] std::size_t window(std::size_t m, std::size_t w) const {
    return 4 + m * windows + w;
  }
  [[nodiscard]] std::size_t delta(std::size_t m, std::size_t c) const {
    return 4 + 4 * windows + m * cells + c;
  }
  [[nodiscard]] std::size_t viability(std::size_t c) const {
    return 4 + 4 * windows + 4 * cells + c;
  }
  [[nodiscard]] std::size_t index() const { return 4 + 4 * windows + 5 * cells; }
};

std::vector<double> everything(const Surface& s,
                               const std::vector<Window>& windows,
                               const ScoreOptions& options) {
  const PointScores p = score(s, options);
  std::vector<double> out(p.summary.begin(), p.summary.end());
  for (std::size_t m = 0; m < reference_count; ++m) {
    for (const Window& w : windows) out.push_back(mean_over(p.delta[m], w.cells));
  }
  for (const auto& d : p.delta) out.insert(out.end(), d.begin(), d.end());
  out.insert(out.end(), s.viability.begin(), s.viability.end());
  const MedianEffect me = median_effect(s);
  out.push_back(std::log(me.combination_index.value));
  for (const Estimated& e : me.dose_reduction) out.push_back(std::log(e.value));
  return out;
}

void peak_of(const Spread& spread,
             const Layout& layout,
             const std::vector<Window>& windows,
             const Options& options,
             ScoreResult& out) {
  const auto m = static_cast<std::size_t>(out.reference);
  std::vector<std::size_t> known, valued;
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const std::size_t i = layout.window(m, w);
    if (std::isnan(spread.value[i])) continue;
    valued.push_back(i);
    if (spread.se[i] > 0.0) known.push_back(i);
  }
  const auto& of = known.empty() ? valued : known;
  if (of.empty()) {
    out.peak = estimated(spread, m, options.level);
    out.peak.value = out.peak.low = out.peak.high = unknown;
    out.peak.status = Status::not_identifiable;
    out.peak.why = "not identifiable: no region has a score";
    return;
  }
  const Winner best =
      winner(spread, of, options.level, options.draws, Stream(options.seed, peak_draw, m));
  out.peak = estimated(spread, best.at, options.level);
  out.peak.low = best.low;
  out.peak.high = best.high;
  const Window& window = windows[best.at - layout.window(m, 0)];
  out.peak_low_nM = window.low_nM;
  out.peak_high_nM = window.high_nM;
  if (known.size() < 2) return;
  out.peak.method +=
      "; the lower end allows for the choice among " + std::to_string(known.size()) + " regions";
}

/// Cells beyond their error: one spread for all cells of a score, Holm over the cells.
void cells_of_result(const Surface& s,
                     const PointScores& points,
                     const Spread& spread,
                     const Layout& layout,
                     const Options& options,
                     PairResult& out) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    CellResult c;
    bool all = !std::isnan(s.viability[i]);
    for (std::size_t k = 0; k < s.axis_nM.size(); ++k) {
      c.dose_nM[k] = s.axis_nM[k][s.at(i, k)];
      all = all && s.at(i, k) > 0;
    }
    if (!all) continue;
    c.viability = s.viability[i];
    for (std::size_t m = 0; m < reference_count; ++m) {
      c.expected[m] = points.expected[m][i];
      c.delta[m] = points.delta[m][i];
      c.p_adjusted[m] = unknown;
    }
    out.matrix.push_back(c);
  }
  std::size_t least = SIZE_MAX;
  for (const auto& axis : s.axis_nM) least = std::min(least, axis.size() - 1);
  for (std::size_t m = 0; m < reference_count; ++m) {
    double square = 0.0, df = 0.0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
      const std::size_t at = layout.delta(m, i);
      if (!(spread.se[at] > 0.0)) continue;
      square += spread.se[at] * spread.se[at];
      df += spread.df[at];
      ++n;
    }
    if (n == 0) continue;
    // Cells share rows and columns, so their errors are not independent: count a row or column
    // once.
    const double shared = df / static_cast<double>(n) * static_cast<double>(least);
    const double se = std::sqrt(square / static_cast<double>(n));
    std::vector<double> p;
    for (const CellResult& c : out.matrix)
      p.push_back(numeric::two_sided_t(c.delta[m] / se, shared));
    const auto adjusted = numeric::holm(p);
    for (std::size_t c = 0; c < out.matrix.size(); ++c) {
      out.matrix[c].p_adjusted[m] = adjusted[c];
      out.matrix[c].significant[m] = adjusted[c] < 1.0 - options.level;
    }
  }
}

void best_pair(const Surface& s,
               const Spread& spread,
               const Layout& layout,
               const Options& options,
               const std::array<double, most_drugs>& cap_nM,
               PairResult& out) {
  std::vector<std::size_t> allowed;
  std::size_t best = SIZE_MAX;
  for (std::size_t i = 0; i < s.size(); ++i) {
    bool ok = !std::isnan(s.viability[i]);
    for (std::size_t k = 0; k < s.axis_nM.size(); ++k) {
      const double dose = s.axis_nM[k][s.at(i, k)];
      ok = ok && s.at(i, k) > 0 && !(dose > cap_nM[k]);
    }
    if (!ok) continue;
    allowed.push_back(layout.viability(i));
    if (best == SIZE_MAX || s.viability[i] < s.viability[best]) best = i;
  }
  if (best == SIZE_MAX) {
    out.best.viability.status = Status::not_applicable;
    out.best.viability.why = "no measured dose pair lies under the caps";
    return;
  }
  for (std::size_t k = 0; k < s.axis_nM.size(); ++k) {
    out.best.dose_nM[k] = s.axis_nM[k][s.at(best, k)];
  }
  out.best.viability = estimated(spread, layout.viability(best), options.level);
  out.best.p_best = chance_smallest(spread,
                                    layout.viability(best),
                                    allowed,
                                    std::min(options.draws, 999),
                                    Stream(options.seed, best_draw));
}

void index_estimates(const Spread& spread, const Layout& layout, double level, MedianEffect& out) {
  const auto of = [&](std::size_t i) {
    Estimated e = mapped(estimated(spread, i, level), [](double x) { return std::exp(x); });
    e.method = "median-effect lines, " + spread.method;
    if (std::isnan(e.value)) {
      e.status = Status::not_identifiable;
      e.why = "not identifiable: a single agent has no rising median-effect line";
    }
    return e;
  };
  out.combination_index = of(layout.index());
  for (std::size_t k = 0; k < out.dose_reduction.size(); ++k) {
    out.dose_reduction[k] = of(layout.index() + 1 + k);
  }
}

/// Why a score has no value, in words about the single agents.
std::string missing(const ScoreResult& s, const PairResult& pair) {
  for (std::size_t k = 0; k < pair.agents.size(); ++k) {
    const auto& axis = pair.cells.mean.axis_nM[k];
    bool alone = false;
    for (std::size_t i = 1; i < axis.size(); ++i) {
      alone = alone || !std::isnan(pair.cells.mean.viability[i * pair.cells.mean.stride(k)]);
    }
    if (!alone) return pair.drugs[k] + " was never given alone";
    if (std::isnan(pair.agents[k].ec50_nM)) {
      return pair.drugs[k] + " alone was measured at fewer than three doses";
    }
  }
  if (s.undefined_cells > 0) {
    return "every dose pair lies past the largest effect of the weaker drug";
  }
  if (s.reference == Reference::zip) {
    return "no row or column of the matrix has enough dose pairs for a curve";
  }
  return "no dose pair was measured";
}

}  // namespace

PairResult pair_result(const Block& block, const Options& options) {
  PairResult out;
  out.line = block.line;
  out.drugs = block.drugs;
  out.wells = static_cast<int>(block.wells.size());
  out.excluded_wells = block.excluded_wells;
  out.cells = cells_of(block);
  out.repeats = static_cast<int>(out.cells.repeats());
  out.repeat_names = block.repeats;
  const Surface& s = out.cells.mean;
  ScoreOptions scoring;
  scoring.floor = options.effect == Effect::viability ? 0.0 : -1.0;
  SurfaceOptions fitting;
  fitting.level = options.level;
  fitting.floor = scoring.floor;
  if (options.surfaces) {
    out.musyc = fit_surface(Model::musyc, out.cells, fitting);
    out.braid = fit_surface(Model::braid, out.cells, fitting);
    out.zimmer = fit_surface(Model::zimmer, out.cells, fitting);
  } else if (out.repeats == 1 || options.share_spread) {
    fitting.intervals = false;
    out.musyc = fit_surface(Model::musyc, out.cells, fitting);
  }
  const PointScores points = score(s, scoring);
  out.agents = points.agents;
  const auto windows = windows_of(s);
  const Layout layout{windows.size(), s.size(), s.axis_nM.size()};
  const Spread spread = spread_of(
      out.cells,
      [&](const Surface& moved) { return everything(moved, windows, scoring); },
      out.musyc.residual_sd);
  for (const Reference ref : references) {
    const auto m = static_cast<std::size_t>(ref);
    ScoreResult& r = out.scores[m];
    r.reference = ref;
    r.cells = points.cells[m];
    r.undefined_cells = ref == Reference::loewe ? points.loewe_undefined : 0;
    r.summary = estimated(spread, m, options.level);
    r.p = p_of(spread, m);
    r.error.se = spread.se[m];
    r.error.df = spread.df[m];
    if (spread.by_repeat) {
      for (const auto& part : spread.parts) r.error.by_repeat.push_back(part[m]);
    }
    peak_of(spread, layout, windows, options, r);
    if (std::isnan(r.summary.value)) {
      r.summary.status = r.peak.status = Status::not_identifiable;
      r.summary.why = r.peak.why = "not identifiable: " + missing(r, out);
    } else if (r.undefined_cells > 0) {
      r.summary.method += "; " + std::to_string(r.undefined_cells) + " of " +
                          std::to_string(points.combined_cells) +
                          " dose pairs lie past the weaker drug's largest effect and have no value";
    }
  }
  cells_of_result(s, points, spread, layout, options, out);
  std::array<double, most_drugs> cap_nM = block.cap_nM;
  if (std::isnan(cap_nM[0])) cap_nM[0] = options.cap_a_nM;
  if (std::isnan(cap_nM[1])) cap_nM[1] = options.cap_b_nM;
  best_pair(s, spread, layout, options, cap_nM, out);
  out.median_effect = median_effect(s);
  index_estimates(spread, layout, options.level, out.median_effect);
  if (options.share_spread && spread.by_repeat) expect_errors(out, scoring);
  if (options.surfaces) out.isobologram = isobologram(s, out.musyc);
  if (options.specifications) {
    out.specifications = specifications_of(s, scoring.floor, options.surfaces);
  }
  if (options.compatible) {
    out.compatible = compatible_scores(out.drugs, s, points, *options.compatible);
  }
  return out;
}

}  // namespace kinescape::combination
