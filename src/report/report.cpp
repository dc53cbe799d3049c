// SPDX-License-Identifier: Apache-2.0
// From chapters to files: the page and what stands beside it, from one content: they cannot
// disagree.
#include "report/report.hpp"

#include <set>

#include "report/clinical_internal.hpp"
#include "report/combination_internal.hpp"
#include "report/evidence_chapter_internal.hpp"
#include "report/immunoblot_internal.hpp"
#include "report/page_internal.hpp"
#include "report/viability_internal.hpp"
#include "report/xenograft_internal.hpp"

namespace kinescape::report {
namespace {

std::vector<OutputFile> files_of(Content& content, std::string json) {
  std::vector<OutputFile> files;
  files.push_back({"report.html", page(content)});
  files.push_back({"results.json", std::move(json)});
  for (Chapter& chapter : content.chapters) {
    for (const Figure& figure : chapter.figures) {
      files.push_back({"figures/" + figure.name + ".vl.json", figure.spec + "\n"});
    }
    for (OutputFile& table : chapter.tables) files.push_back(std::move(table));
    for (OutputFile& file : chapter.files) files.push_back(std::move(file));
  }
  return files;
}

/// One chapter for each room that has something in this study.
std::vector<Chapter> chapters_of(const study::Results& results) {
  std::vector<Chapter> chapters;
  if (results.viability) chapters.push_back(viability_chapter(*results.viability, &results.study));
  if (results.combination) chapters.push_back(combination_chapter(*results.combination));
  if (results.immunoblot) chapters.push_back(immunoblot_chapter(*results.immunoblot));
  if (results.xenograft) chapters.push_back(xenograft_chapter(*results.xenograft));
  if (results.clinical) chapters.push_back(clinical_chapter(*results.clinical));
  if (!results.clinical_pool.empty()) chapters.push_back(pool_chapter(results.clinical_pool));
  if (results.evidence) chapters.push_back(evidence_chapter(*results.evidence));
  return chapters;
}

}  // namespace

void settle_names(std::vector<Figure>& figures) {
  std::set<std::string> taken;
  for (Figure& figure : figures) {
    const std::string stem = figure.name;
    for (int i = 2; !taken.insert(figure.name).second; ++i) {
      figure.name = stem + "-" + std::to_string(i);
    }
  }
}

std::vector<OutputFile> room_files(Chapter chapter,
                                   const Provenance& provenance,
                                   const Problems& problems) {
  Content content;
  content.provenance = &provenance;
  content.problems = together(problems, chapter.problems);
  std::string json = room_json(chapter.room, chapter.json, provenance, content.problems);
  content.chapters.push_back(std::move(chapter));
  return files_of(content, std::move(json));
}

std::vector<OutputFile> study_files(const study::Results& results) {
  Content content;
  content.study = &results.study;
  content.provenance = &results.provenance;
  content.problems = results.problems;
  content.chapters = chapters_of(results);
  for (const Chapter& chapter : content.chapters) {
    content.problems = together(content.problems, chapter.problems);
  }
  std::string json = study_json(results, content.chapters);
  return files_of(content, std::move(json));
}

}  // namespace kinescape::report
