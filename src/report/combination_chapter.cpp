// SPDX-License-Identifier: Apache-2.0
// The chapter of the combination room: what is said first, then each pair, then the tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/combination_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

constexpr std::size_t most_pairs_drawn = 24;

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    out += plain ? c : upper ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  return out;
}

std::string call_words(cb::Call call) {
  std::string out(cb::name(call));
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string summary_of(const cb::Estimate& estimate) {
  const auto robust =
      std::count_if(estimate.pairs.begin(), estimate.pairs.end(), [](const auto& p) {
        return p.specifications.robust == cb::Robustness::synergy;
      });
  std::string all = card(fmt::format("{} of {}", robust, estimate.pairs.size()),
                         estimate.pairs.size() == 1 ? "combination is robustly synergistic"
                                                    : "combinations are robustly synergistic",
                         "combination-scores");
  std::string sentences;
  for (const cb::PairResult& pair : estimate.pairs) {
    const bool synergy = pair.specifications.robust == cb::Robustness::synergy;
    sentences += item(synergy ? "resistant" : "undecided", pair_name(pair) + ": " + pair.says);
  }
  return cards(all) + says(sentences);
}

std::string scores_html(const cb::Estimate& estimate) {
  HtmlTable t("combination_scores",
              "Scores in percentage points of effect with 95 % intervals; above zero is synergy. "
              "p is of zero, adjusted over the combinations (Holm).");
  for (const char* h : {"Combination", "Model"}) t.heading(h);
  t.heading("Summary", "Mean over the dose pairs", true);
  t.heading("Peak", "Highest mean over 3 x 3 neighbouring dose pairs", true);
  t.heading("p", "Adjusted over the combinations of this run", true);
  t.heading("Call");
  t.heading("n", "Biological repeats", true);
  for (const cb::PairResult& pair : estimate.pairs) {
    for (const cb::ScoreResult& s : pair.scores) {
      t.row();
      t.text(pair_name(pair));
      t.text(cb::name(s.reference));
      t.estimate(s.summary);
      t.estimate(s.peak);
      t.p(s.p_adjusted);
      t.text(call_words(s.call), s.says);
      t.count(pair.repeats);
    }
  }
  return "<section id=\"combination-scores\"><h2>Synergy scores</h2>\n" + t.str() + "</section>\n";
}

std::string surfaces_html(const cb::Estimate& estimate) {
  HtmlTable t(
      "combination_surfaces",
      "Interaction parameters of the fitted surfaces. MuSyC: alpha above 1 is synergy of "
      "potency, beta above 0 of efficacy, gamma above 1 of cooperativity; BRAID: kappa above "
      "0; effective dose: a below 0.");
  for (const char* h : {"Combination", "Surface", "Parameter"}) t.heading(h);
  t.heading("Estimate", "With its profile-likelihood interval", true);
  for (const cb::PairResult& pair : estimate.pairs) {
    for (const cb::SurfaceFit* fit : {&pair.musyc, &pair.braid, &pair.zimmer}) {
      for (const cb::SurfaceParameter& p : fit->parameters) {
        if (!p.interaction || fit->status == Status::not_applicable) continue;
        t.row();
        t.text(pair_name(pair));
        t.text(cb::name(fit->model));
        t.text(p.key);
        t.estimate(p.estimate);
      }
    }
  }
  if (t.empty()) return "";
  return "<section id=\"combination-surfaces\"><h2>Fitted surfaces</h2>\n" + t.str() +
         "</section>\n";
}

std::string shifts_html(const cb::Estimate& estimate) {
  if (estimate.sensitisation.empty()) return "";
  std::string html = "<section id=\"combination-sensitisation\"><h2>Sensitisation</h2>\n";
  HtmlTable t(
      "combination_sensitisation",
      "IC50 of one drug alone over its IC50 beside a fixed dose of the other; above 1 it was "
      "made more potent.");
  for (const char* h : {"Line", "Drug", "Beside"}) t.heading(h);
  t.heading("Dose (nM)", "Of the drug beside", true);
  t.heading("Fold", "", true);
  t.heading("p", "Adjusted over all shifts", true);
  for (const cb::Sensitisation& s : estimate.sensitisation) {
    t.row();
    t.text(s.line);
    t.text(s.drug);
    t.text(s.with);
    t.number(s.with_dose_nM);
    t.estimate(s.fold);
    t.p(s.p_adjusted);
  }
  html += t.str();
  if (!estimate.comparisons.empty()) {
    HtmlTable c(
        "combination_sensitisation_comparisons",
        "The shift in the resistant line over that in the parental line: above 1, the second "
        "drug gives back what resistance took.");
    for (const char* h : {"Resistant", "Parental", "Drug", "Beside"}) c.heading(h);
    c.heading("Dose (nM)", "Of the drug beside", true);
    c.heading("Ratio", "", true);
    c.heading("p", "Adjusted over the comparisons", true);
    for (const cb::SensitisationComparison& s : estimate.comparisons) {
      c.row();
      c.text(s.resistant);
      c.text(s.parental);
      c.text(s.drug);
      c.text(s.with);
      c.number(s.with_dose_nM);
      c.estimate(s.ratio);
      c.p(s.p_adjusted);
    }
    html += c.str();
  }
  return html + "</section>\n";
}

std::string best_html(const cb::Estimate& estimate) {
  HtmlTable t("",
              "The measured dose pair that leaves the least viability under the caps, and how "
              "little of each drug is needed together (Chou-Talalay).");
  t.heading("Combination");
  t.heading("Doses (nM)");
  t.heading("Viability (%)", "", true);
  t.heading("P(best)", "Share of bootstrap draws in which no other pair is better", true);
  t.heading("Combination index", "Below 1: less is needed than doses that add up", true);
  for (const cb::PairResult& pair : estimate.pairs) {
    t.row();
    t.text(pair_name(pair));
    std::string doses;
    for (std::size_t k = 0; k < pair.drugs.size(); ++k) {
      doses += (k > 0 ? " + " : "") + rounded(pair.best.dose_nM[k]);
    }
    t.text(std::isnan(pair.best.viability.value) ? "none under the caps" : doses);
    t.estimate(pair.best.viability, 100.0);
    t.number(pair.best.p_best, 2);
    t.estimate(pair.median_effect.combination_index);
  }
  return "<section id=\"combination-best\"><h2>Best dose pairs</h2>\n" + t.str() + "</section>\n";
}

std::string compatible_html(const cb::Estimate& estimate) {
  HtmlTable t("combination_compatible_cells",
              "Mean scores in percentage points as SynergyFinder 3 prints them for the same means, "
              "beside ours with their intervals.");
  for (const char* h : {"Combination", "Model"}) t.heading(h);
  t.heading("SynergyFinder", "Its mean over the dose pairs, with the options asked for", true);
  t.heading("Kinescape", "", true);
  std::string reasons;
  for (const cb::PairResult& pair : estimate.pairs) {
    if (!pair.compatible) continue;
    const cb::Compatible& theirs = *pair.compatible;
    for (const cb::ScoreResult& s : pair.scores) {
      t.row();
      t.text(pair_name(pair));
      t.text(cb::name(s.reference));
      t.number(theirs.summary[static_cast<std::size_t>(s.reference)], 5);
      t.estimate(s.summary);
    }
    const auto fixed = [](double x) { return std::isnan(x) ? "free" : rounded(x) + " %"; };
    reasons +=
        fmt::format("<h3>{}</h3>\n<p>Baseline: {}; lower plateau {}, upper plateau {}.</p>\n",
                    escaped(pair_name(pair)),
                    cb::name(theirs.options.baseline),
                    fixed(theirs.options.emin_percent),
                    fixed(theirs.options.emax_percent));
    if (!theirs.why.empty()) reasons += "<p>" + escaped(theirs.why) + ".</p>\n";
    if (theirs.differs.empty()) continue;
    reasons += "<ul>\n";
    for (const std::string& why : theirs.differs) reasons += "<li>" + escaped(why) + "</li>\n";
    reasons += "</ul>\n";
  }
  if (t.empty()) return "";
  return "<section id=\"combination-compatible\"><h2>As SynergyFinder prints it</h2>\n" + t.str() +
         "<p>Where and why the two differ:</p>\n" + reasons + "</section>\n";
}

void add_figures(const cb::Estimate& estimate, Chapter& chapter) {
  std::vector<std::pair<std::string, std::size_t>> groups;  // heading, figures of it
  std::size_t drawn = 0;
  for (const cb::PairResult& pair : estimate.pairs) {
    if (drawn == most_pairs_drawn) break;
    ++drawn;
    const std::string stem = "combination_" + slug(pair_name(pair));
    const std::size_t before = chapter.figures.size();
    const bool two = pair.drugs.size() == 2;
    if (two) chapter.figures.push_back(combination_matrix_figure(pair, stem + "_response"));
    for (const cb::Reference ref : cb::references) {
      if (pair.of(ref).cells == 0) continue;
      const std::string file = stem + "_" + std::string(cb::key(ref));
      chapter.figures.push_back(two ? combination_delta_figure(pair, ref, file)
                                    : combination_many_figure(pair, ref, file));
    }
    if (!std::isnan(pair.isobologram.alone_a_nM) && !std::isnan(pair.isobologram.alone_b_nM)) {
      chapter.figures.push_back(combination_isobole_figure(pair, stem + "_isobologram"));
    }
    if (!pair.specifications.rows.empty()) {
      chapter.figures.push_back(combination_specification_figure(pair, stem + "_specifications"));
    }
    groups.emplace_back(pair_name(pair), chapter.figures.size() - before);
  }
  settle_names(chapter.figures);
  std::size_t at = 0, number = 0;
  for (const auto& [heading, count] : groups) {
    const std::string id = fmt::format("combination-pair-{}", ++number);
    std::string html = fmt::format("<section id=\"{}\"><h2>{}</h2>\n", id, escaped(heading));
    for (std::size_t i = 0; i < count; ++i, ++at) {
      const std::string& title = chapter.figures[at].title;  // "Bliss: drug a + drug b on line"
      const auto colon = title.find(": ");
      html += fmt::format(
          "<h3>{}</h3>\n{}", escaped(title.substr(0, colon)), figure_html(chapter.figures[at]));
    }
    chapter.sections.push_back({id, heading, html + "</section>\n"});
  }
}

}  // namespace

Chapter combination_chapter(const cb::Estimate& estimate) {
  Chapter chapter;
  chapter.room = "combination";
  chapter.name = "Combination";
  chapter.title = "Combination: synergy by every meaning of the word";
  chapter.summary = summary_of(estimate);
  chapter.sections.push_back({"combination-scores", "Synergy scores", scores_html(estimate)});
  chapter.sections.push_back({"combination-best", "Best dose pairs", best_html(estimate)});
  add_figures(estimate, chapter);
  chapter.sections.push_back({"combination-surfaces", "Surfaces", surfaces_html(estimate)});
  chapter.sections.push_back({"combination-sensitisation", "Sensitisation", shifts_html(estimate)});
  chapter.sections.push_back(
      {"combination-compatible", "SynergyFinder", compatible_html(estimate)});
  chapter.methods = estimate.methods;
  chapter.citations = estimate.citations;
  chapter.problems = estimate.problems;
  chapter.tables = combination_tables(estimate);
  chapter.json = combination_body(estimate);
  return chapter;
}

std::vector<OutputFile> combination_files(const cb::Estimate& estimate,
                                          const Provenance& provenance,
                                          const Problems& problems) {
  return room_files(combination_chapter(estimate), provenance, problems);
}

}  // namespace kinescape::report
