// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "report/viability_internal.hpp"

namespace kinescape::report {
namespace {

constexpr std::size_t most_drug_figures = 60;
constexpr std::size_t most_plate_figures = 36;

ViabilityParts parts_of(const viability::Estimate& estimate, const study::Study* study) {
  ViabilityParts parts;
  parts.estimate = &estimate;
  parts.study = study;
  const std::vector<LineStyle> styles = line_styles(estimate);
  parts.fold = fold_figure(estimate, study ? std::optional(study->criterion) : std::nullopt);
  parts.potency = potency_figure(estimate, styles);
  std::set<std::string> seen;
  for (const viability::CurveResult& c : estimate.curves) {
    if (!seen.insert(c.drug).second) continue;
    if (parts.responses.size() == most_drug_figures) {
      ++parts.drugs_without_figure;
      continue;
    }
    parts.responses.push_back({c.drug, dose_response_figure(estimate, c.drug, styles)});
  }
  for (const plate::Quality& quality : estimate.plates) {
    if (parts.plates.size() == most_plate_figures) {
      ++parts.plates_without_figure;
      continue;
    }
    parts.plates.push_back({&quality, plate_figure(estimate, quality)});
  }
  return parts;
}

/// All figures of the parts, in the order in which they are written.
std::vector<Figure*> figures_of(ViabilityParts& parts) {
  std::vector<Figure*> all;
  for (std::optional<Figure>* figure : {&parts.fold, &parts.potency}) {
    if (*figure) all.push_back(&**figure);
  }
  for (ViabilityParts::OfDrug& of : parts.responses) all.push_back(&of.figure);
  for (ViabilityParts::OfPlate& of : parts.plates) {
    if (of.figure) all.push_back(&*of.figure);
  }
  return all;
}

/// The chapter's own copies, under names that differ; the parts then bear the same names.
std::vector<Figure> settled_figures(ViabilityParts& parts) {
  const std::vector<Figure*> all = figures_of(parts);
  std::vector<Figure> figures;
  for (const Figure* figure : all) figures.push_back(*figure);
  settle_names(figures);
  for (std::size_t i = 0; i < all.size(); ++i) all[i]->name = figures[i].name;
  return figures;
}

}  // namespace

Chapter viability_chapter(const viability::Estimate& estimate, const study::Study* study) {
  ViabilityParts parts = parts_of(estimate, study);
  Chapter chapter;
  chapter.room = "viability";
  chapter.name = "Viability";
  chapter.title = "Viability: potency and resistance";
  chapter.figures = settled_figures(parts);
  chapter.summary = viability_summary(parts);
  if (!estimate.curves.empty()) {
    if (parts.fold) {
      chapter.sections.push_back(figure_section("resistance", "Resistance", *parts.fold));
    }
    if (parts.potency) {
      chapter.sections.push_back(figure_section("potency", "Potency", *parts.potency));
    }
  }
  chapter.sections.push_back({"responses", "Dose response", responses_html(parts)});
  chapter.sections.push_back({"curves", "Curves", curves_html(estimate)});
  chapter.sections.push_back({"comparisons", "Comparisons", comparisons_html(estimate)});
  chapter.sections.push_back({"proliferation", "Growth", proliferation_html(estimate)});
  chapter.sections.push_back({"plates", "Plates", plates_html(parts)});
  chapter.sections.push_back({"exclusions", "Kept out", exclusions_html(estimate)});
  chapter.methods = estimate.methods;
  chapter.citations = estimate.citations;
  chapter.problems = estimate.problems;
  chapter.tables = viability_tables(estimate);
  chapter.json = viability_body(estimate);
  return chapter;
}

std::string viability_json(const viability::Estimate& estimate,
                           const Provenance& provenance,
                           const Problems& problems) {
  return room_json(
      "viability", viability_body(estimate), provenance, together(problems, estimate.problems));
}

std::vector<OutputFile> viability_files(const viability::Estimate& estimate,
                                        const Provenance& provenance,
                                        const Problems& problems) {
  return room_files(viability_chapter(estimate, nullptr), provenance, problems);
}

}  // namespace kinescape::report
