// SPDX-License-Identifier: Apache-2.0
#include "report/report.hpp"

#include <algorithm>
#include <set>

#include "report/contract_internal.hpp"
#include "report/page_internal.hpp"

namespace kinescape::report {
namespace {

constexpr std::size_t most_drug_figures = 60;
constexpr std::size_t most_plate_figures = 36;

/// Two drugs may share a slug ("a/b" and "a b"); two files may not share a name.
class UniqueNames {
 public:
  void settle(Figure& figure) {
    const std::string stem = figure.name;
    for (int i = 2; !taken_.insert(figure.name).second; ++i) {
      figure.name = stem + "-" + std::to_string(i);
    }
  }

 private:
  std::set<std::string> taken_;
};

void add_figures(Content& content,
                 const viability::Estimate& estimate,
                 const std::optional<viability::ResistanceCriterion>& criterion) {
  const std::vector<LineStyle> styles = line_styles(estimate);
  UniqueNames names;
  content.fold = fold_figure(estimate, criterion);
  content.potency = potency_figure(estimate, styles);
  for (std::optional<Figure>* figure : {&content.fold, &content.potency}) {
    if (*figure) names.settle(**figure);
  }
  std::set<std::string> seen;
  for (const viability::CurveResult& c : estimate.curves) {
    if (!seen.insert(c.drug).second) continue;
    if (content.responses.size() == most_drug_figures) {
      ++content.drugs_without_figure;
      continue;
    }
    content.responses.push_back({c.drug, dose_response_figure(estimate, c.drug, styles)});
    names.settle(content.responses.back().figure);
  }
  for (const plate::Quality& quality : estimate.plates) {
    if (content.plates.size() == most_plate_figures) {
      ++content.plates_without_figure;
      continue;
    }
    content.plates.push_back({&quality, plate_figure(estimate, quality)});
    if (content.plates.back().figure) names.settle(*content.plates.back().figure);
  }
}

void add_spec(std::vector<OutputFile>& files, const Figure& figure) {
  files.push_back({"figures/" + figure.name + ".vl.json", figure.spec + "\n"});
}

/// The page and what stands beside it, from one content: they cannot disagree.
std::vector<OutputFile> files_of(Content& content, const std::string& json) {
  std::vector<OutputFile> files;
  files.push_back({"report.html", page(content)});
  files.push_back({"results.json", json});
  for (const std::optional<Figure>* figure : {&content.fold, &content.potency}) {
    if (*figure) add_spec(files, **figure);
  }
  for (const Content::OfDrug& of : content.responses) add_spec(files, of.figure);
  for (const Content::OfPlate& of : content.plates) {
    if (of.figure) add_spec(files, *of.figure);
  }
  for (OutputFile& table : content.tables) files.push_back(std::move(table));
  return files;
}

Problems together(const Problems& problems, const viability::Estimate* estimate) {
  Problems all = problems;
  if (!estimate) return all;
  for (const Problem& problem : estimate->problems) {
    if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
  }
  return all;
}

}  // namespace

std::vector<OutputFile> study_files(const study::Results& results) {
  Content content;
  content.study = &results.study;
  content.provenance = &results.provenance;
  content.estimate = results.viability ? &*results.viability : nullptr;
  content.problems = together(results.problems, content.estimate);
  if (content.estimate) {
    content.tables = tables(*content.estimate);
    add_figures(content, *content.estimate, results.study.criterion);
  }
  return files_of(content, study_json(results));
}

std::vector<OutputFile> viability_files(const viability::Estimate& estimate,
                                        const Provenance& provenance,
                                        const Problems& problems) {
  Content content;
  content.provenance = &provenance;
  content.estimate = &estimate;
  content.problems = together(problems, &estimate);
  content.tables = tables(estimate);
  add_figures(content, estimate, std::nullopt);
  return files_of(content, viability_json(estimate, provenance, problems));
}

}  // namespace kinescape::report
