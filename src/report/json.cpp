// SPDX-License-Identifier: Apache-2.0
// The JSON that scripts rely on: what all results open with, and a study's chapters in one object.
#include <algorithm>
#include <array>

#include "report/chapter_internal.hpp"
#include "report/json_internal.hpp"

namespace kinescape::report {
namespace {

Json place(std::size_t at) {
  return at == 0 ? Json(nullptr) : Json(at);
}

Json provenance_json(const Provenance& provenance) {
  Json inputs = Json::array();
  for (const InputFile& input : provenance.inputs) {
    inputs.push_back({{"path", input.path}, {"sha256", input.sha256}, {"bytes", input.bytes}});
  }
  return {{"program", "kinescape"},
          {"version", provenance.version},
          {"command", provenance.command},
          {"seed", provenance.seed ? Json(provenance.seed->value) : Json(nullptr)},
          {"inputs", std::move(inputs)}};
}

Json problems_json(const Problems& problems) {
  Json all = Json::array();
  for (const Problem& problem : problems) {
    all.push_back({{"severity", problem.severity == Severity::error ? "error" : "warning"},
                   {"file", problem.where.file},
                   {"line", place(problem.where.line)},
                   {"column", place(problem.where.column)},
                   {"item", problem.where.item},
                   {"shown", problem.where.shown},
                   {"what", problem.what},
                   {"fix", problem.fix}});
  }
  return all;
}

Json study_json(const study::Study& s) {
  return {{"title", s.title},
          {"question", s.question},
          {"authors", s.authors},
          {"virtual_data", s.virtual_data},
          {"level", s.level},
          {"criterion",
           {{"fold", s.criterion.fold},
            {"whole_interval", s.criterion.whole_interval},
            {"restored_within", s.criterion.restored_within}}},
          {"lines",
           listed(s.lines,
                  [](const study::CellLine& line) {
                    return Json{{"name", line.name},
                                {"parental", line.parental},
                                {"doubling_time_h", number_or_null(line.doubling_time_h)},
                                {"genotype", line.genotype},
                                {"description", line.description}};
                  })},
          {"drugs", listed(s.drugs, [](const study::Drug& drug) {
             return Json{
                 {"name", drug.name}, {"targets", drug.targets}, {"description", drug.description}};
           })}};
}

/// The keys of a study whose room was not run are there all the same.
constexpr std::array<std::string_view, 7> rooms{
    "viability", "combination", "immunoblot", "xenograft", "clinical", "clinical_pool", "evidence"};

Json opened(const std::string& room, const Provenance& provenance, const Problems& problems) {
  return {{"schema", "kinescape." + room + "/1"},
          {"provenance", provenance_json(provenance)},
          {"problems", problems_json(problems)}};
}

}  // namespace

std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json estimated(const Estimated& e) {
  Json json{{"value", number_or_null(e.value)},
            {"low", number_or_null(e.low)},
            {"high", number_or_null(e.high)},
            {"level", number_or_null(e.level)},
            {"relation", name(e.relation)},
            {"status", name(e.status)},
            {"n", e.n},
            {"method", e.method}};
  if (!e.why.empty()) json["why"] = e.why;
  return json;
}

Problems together(Problems all, const Problems& more) {
  for (const Problem& problem : more) {
    if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
  }
  return all;
}

std::string room_json(const std::string& room,
                      const Json& body,
                      const Provenance& provenance,
                      const Problems& problems) {
  Json json = opened(room, provenance, problems);
  if (!has_errors(problems)) json.update(body);
  return text_of(json, 1) + "\n";
}

std::string study_json(const study::Results& results, const std::vector<Chapter>& chapters) {
  Problems problems = results.problems;
  for (const Chapter& chapter : chapters) problems = together(problems, chapter.problems);
  Json json = opened("study", results.provenance, problems);
  json["study"] = study_json(results.study);
  for (const std::string_view room : rooms) json[std::string(room)] = nullptr;
  for (const Chapter& chapter : chapters) {
    std::string key = chapter.room;  // "clinical-pool" in a schema's name
    std::replace(key.begin(), key.end(), '-', '_');
    json[key] = chapter.json;
  }
  return text_of(json, 1) + "\n";
}

}  // namespace kinescape::report
