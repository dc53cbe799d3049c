// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulate.hpp"

#include <algorithm>
#include <cmath>

#include "base/number.hpp"

namespace kinescape::evidence {
namespace {

enum Purpose : std::uint32_t {
  of_agent = 1,
  of_variant,
  of_pair,
  of_epistasis,
  of_source,
  of_lab,
  of_row,
  of_setting,
  of_target
};

std::string change_name(int i) {
  return "A" + std::to_string(100 + i) + "C";
}

struct Effects {
  std::vector<double> agent, change;
  std::vector<std::vector<double>> pair;  // [change][agent]
};

/// A shift: normal, or Student-t of scale 1.
double shift_draw(const LiteratureTruth& t, Stream& stream) {
  const double normal = stream.normal();
  if (std::isnan(t.tail_df)) return normal;
  return normal / std::sqrt(2.0 * stream.gamma(0.5 * t.tail_df) / t.tail_df);
}

Effects draw_effects(const LiteratureDesign& d, const LiteratureTruth& t, Seed seed) {
  Effects e;
  for (int a = 0; a < d.agents; ++a)
    e.agent.push_back(t.mean +
                      t.agent * Stream(seed, of_agent, static_cast<std::uint64_t>(a)).normal());
  for (int v = 0; v < d.variants; ++v) {
    Stream change(seed, of_variant, static_cast<std::uint64_t>(v));
    e.change.push_back(t.shift + t.variant * shift_draw(t, change));
    Stream pairs(seed, of_pair, static_cast<std::uint64_t>(v));
    std::vector<double> of;
    for (int a = 0; a < d.agents; ++a) of.push_back(t.pair * shift_draw(t, pairs));
    e.pair.push_back(std::move(of));
  }
  return e;
}

struct Lab {
  double shift = 0, top = 0, low = 0;
  bool enzyme = false;
  int line = -1;              // -1: engineered cells
  std::vector<double> agent;  // source:agent and series
  std::vector<bool> uses;
};

Lab draw_lab(const LiteratureDesign& d, const LiteratureTruth& t, Seed seed, int s) {
  Stream stream(seed, of_lab, static_cast<std::uint64_t>(s));
  Lab lab;
  lab.shift = t.source * stream.normal();
  lab.top = d.top_dose_log10_nM + d.dose_spread_log10 * stream.normal();
  lab.low = std::min(d.low_dose_log10_nM + d.dose_spread_log10 * stream.normal(), lab.top - 1.0);
  for (int a = 0; a < d.agents; ++a) {
    lab.agent.push_back(std::hypot(t.source_agent, t.series) * stream.normal());
    lab.uses.push_back(stream.uniform() < d.agents_per_source);
  }
  const double setting = stream.uniform();
  lab.enzyme = setting < d.enzymes;
  if (!lab.enzyme && setting < d.enzymes + d.lines) lab.line = s % 3;
  return lab;
}

/// What the system or the readout of a laboratory adds for one agent and variant.
double setting_effect(
    const LiteratureTruth& t, Seed seed, const Lab& lab, std::size_t v, std::size_t a) {
  const auto normal = [&](std::uint64_t what, std::uint64_t which) {
    return Stream(seed, of_setting, 1000 * what + which).normal();
  };
  if (lab.enzyme)
    return t.enzyme_shift + t.enzyme_agent * normal(1, a) + t.enzyme_variant * normal(2, v);
  if (lab.line < 0) return 0.0;
  const auto line = static_cast<std::uint64_t>(lab.line);
  return t.system * normal(3, line) + t.system_agent * normal(4, 100 * line + a);
}

/// Of the target `gene`; `mark` tells its agents and sources from those of other targets.
VirtualLiterature one_target(const LiteratureDesign& d,
                             const LiteratureTruth& t,
                             Seed seed,
                             const std::string& gene,
                             const std::string& mark) {
  VirtualLiterature out;
  const Effects effects = draw_effects(d, t, seed);
  std::vector<std::vector<double>> shift;  // [variant][agent], wild type first
  out.variants.push_back({gene, "WT"});
  shift.emplace_back(static_cast<std::size_t>(d.agents), 0.0);
  std::vector<std::vector<std::string>> changes(1);
  for (int v = 0; v < d.variants; ++v) {
    out.variants.push_back({gene, change_name(v)});
    changes.push_back({change_name(v)});
    std::vector<double> of;
    for (int a = 0; a < d.agents; ++a)
      of.push_back(effects.change[static_cast<std::size_t>(v)] +
                   effects.pair[static_cast<std::size_t>(v)][static_cast<std::size_t>(a)]);
    shift.push_back(std::move(of));
  }
  for (int c = 0; c < d.compound && 2 * c + 1 < d.variants; ++c) {
    Stream stream(seed, of_epistasis, static_cast<std::uint64_t>(c));
    const auto first = 2 * static_cast<std::size_t>(c) + 1,
               second = first + 1;  // indices into shift
    out.variants.push_back({gene, change_name(2 * c) + "+" + change_name(2 * c + 1)});
    changes.push_back({change_name(2 * c), change_name(2 * c + 1)});
    const double common = t.epistasis * stream.normal();
    std::vector<double> of;
    for (std::size_t a = 0; a < static_cast<std::size_t>(d.agents); ++a)
      of.push_back(shift[first][a] + shift[second][a] + common + t.epistasis * stream.normal());
    shift.push_back(std::move(of));
  }
  for (int a = 0; a < d.agents; ++a) {
    out.agents.push_back("agent-" + mark + std::to_string(a));
    out.library.agent_names[out.agents.back()] = out.agents.back();
  }
  for (std::size_t v = 0; v < out.variants.size(); ++v) {
    std::vector<double> line;
    for (std::size_t a = 0; a < out.agents.size(); ++a)
      line.push_back(effects.agent[a] + shift[v][a]);
    out.log10_ic50_nM.push_back(std::move(line));
  }
  const double word_sd =
      std::sqrt(t.residual * t.residual + t.source * t.source + t.source_agent * t.source_agent +
                t.series * t.series + t.word * t.word);
  std::uint64_t draw = 0;
  for (int s = 0; s < d.sources; ++s) {
    const Lab lab = draw_lab(d, t, seed, s);
    for (std::size_t v = 0; v < out.variants.size(); ++v) {
      for (std::size_t a = 0; a < out.agents.size(); ++a) {
        Stream stream(seed, of_row, draw++);
        const double chance = v == 0 ? d.wild_type_measured : d.measured;
        if (!lab.uses[a] || stream.uniform() >= chance) continue;
        Row row;
        row.id = "R" + mark + std::to_string(draw);
        row.fact = row.id;
        row.pack = "virtual";
        row.source = row.source_identity = "source-" + mark + std::to_string(s);
        row.agent = out.agents[a];
        row.gene = gene;
        row.variant = row.variant_as_printed = out.variants[v].key;
        row.changes = changes[v];
        row.system = lab.enzyme     ? "protein"
                     : lab.line < 0 ? "cells"
                                    : "line-" + mark + std::to_string(lab.line);
        row.system_kind = lab.enzyme     ? SystemKind::cell_free
                          : lab.line < 0 ? SystemKind::engineered
                                         : SystemKind::cancer_line;
        row.readout = lab.enzyme ? Readout::enzyme : Readout::viability;
        row.read = Read::yes;
        row.unit = "nM";
        const double form = stream.uniform(), noise = stream.normal(), second = stream.normal();
        const double slip = stream.uniform() < t.outliers ? t.outlier * stream.normal() : 0.0;
        if (v != 0 && form < d.words) {
          row.kind = RowKind::statement;
          const double seen = shift[v][a] + word_sd * noise;
          row.meaning = seen < t.cut_sensitive   ? Meaning::sensitive
                        : seen > t.cut_resistant ? Meaning::resistant
                                                 : Meaning::intermediate;
          row.word = row.as_printed = std::string(name(row.meaning));
          ++out.words;
        } else if (v != 0 && form < d.words + d.folds) {
          row.kind = RowKind::fold;
          row.over = "WT";
          row.relation = PrintedRelation::exact;
          row.low = std::pow(10.0, shift[v][a] + t.residual * (noise - second));
          row.as_printed = rounded(row.low);
          row.system = "cells of a fold";  // its two values are printed nowhere
          row.system_kind = SystemKind::engineered;
          row.readout = Readout::viability;
        } else {
          const double seen = out.log10_ic50_nM[v][a] + lab.shift + lab.agent[a] +
                              setting_effect(t, seed, lab, v, a) + t.residual * noise + slip;
          row.relation = seen > lab.top   ? PrintedRelation::above
                         : seen < lab.low ? PrintedRelation::below
                                          : PrintedRelation::exact;
          row.low = std::pow(10.0, std::clamp(seen, lab.low, lab.top));
          row.as_printed =
              (row.relation == PrintedRelation::exact ? "" : std::string(name(row.relation))) +
              rounded(row.low);
          out.censored += row.relation != PrintedRelation::exact;
        }
        ++out.rows;
        out.library.rows.push_back(std::move(row));
      }
    }
  }
  return out;
}

/// Adds another target's literature, whose agents and variants are its own.
void join(VirtualLiterature& all, VirtualLiterature one) {
  const std::size_t known = all.agents.size();
  for (auto& line : all.log10_ic50_nM) line.resize(known + one.agents.size(), unknown);
  for (auto& line : one.log10_ic50_nM) {
    line.insert(line.begin(), known, unknown);
    all.log10_ic50_nM.push_back(std::move(line));
  }
  const auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(all.agents, one.agents);
  append(all.variants, one.variants);
  append(all.library.rows, one.library.rows);
  all.library.agent_names.merge(one.library.agent_names);
  all.rows += one.rows, all.censored += one.censored, all.words += one.words;
}

}  // namespace

VirtualLiterature simulate(const LiteratureDesign& d, const LiteratureTruth& t, Seed seed) {
  VirtualLiterature out;
  for (int k = 0; k < d.targets; ++k) {
    Stream stream(seed, of_target, static_cast<std::uint64_t>(k));
    LiteratureTruth own = t;
    own.mean += t.target * stream.normal();
    own.shift += t.target_shift * stream.normal();
    const std::string number = std::to_string(k);
    // The first draws from the seed itself: one target's rows do not depend on how many there are.
    const Seed of_one =
        k == 0 ? seed
               : Seed{Stream(seed, of_target, static_cast<std::uint64_t>(k + 1000)).bits64()};
    join(out,
         one_target(d, own, of_one, k == 0 ? "KIN" : "KIN" + number, k == 0 ? "" : number + "."));
  }
  return out;
}

}  // namespace kinescape::evidence
