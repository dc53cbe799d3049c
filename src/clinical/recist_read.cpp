// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/titled.hpp"
#include "clinical/recist.hpp"

namespace kinescape::clinical {
namespace {

using Column = std::optional<std::size_t>;

bool contains(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    return text.find(w) != std::string::npos;
  });
}

std::optional<LesionKind> parse_kind(std::string text) {
  text = lower(text);
  if (contains(text, {"new"})) return LesionKind::fresh;
  if (contains(text, {"non"}) || text == "nt" || text == "ntl") return LesionKind::non_target;
  if (contains(text, {"target"}) || text == "t" || text == "tl") return LesionKind::target;
  return std::nullopt;
}

std::optional<LesionState> parse_state(const std::string& cell) {
  const std::string t = lower(cell);
  if (is_blank_cell(t) || t == "ne" || t == "nd" || t == "not assessed" || t == "not done")
    return LesionState::not_assessed;
  if (t == "tstm" || contains(t, {"too small"})) return LesionState::too_small;
  if (t == "absent" || t == "gone" || t == "cr" || t == "disappeared" || t == "resolved")
    return LesionState::absent;
  if (t == "pd" || contains(t, {"unequivocal", "progress", "worse"})) return LesionState::worse;
  if (t == "present" || t == "stable" || t == "yes" || t == "sd" || contains(t, {"non-cr"}))
    return LesionState::present;
  return std::nullopt;
}

class LesionReader {
 public:
  LesionReader(LesionTable& out, Problems& problems) : out_(out), problems_(problems) {}

  void grid(const Grid& grid) {
    TitledTable t(grid, problems_);
    const std::size_t before = problems_.size();
    const Column patient =
        t.required("patient", {"patient", "patientid", "id", "subject", "usubjid"});
    const Column day = t.required("day", {"day", "days", "studyday", "visitday", "timedays"});
    const Column lesion =
        t.required("lesion", {"lesion", "lesionid", "lesionname", "lesionnumber"});
    const Column kind = t.required("kind", {"kind", "type", "lesiontype", "category"});
    const Column size = t.required(
        "diameter_mm",
        {"diametermm", "diameter", "sizemm", "size", "measurementmm", "longestdiametermm"});
    const Column organ = t.find({"organ", "site", "location"}),
                 arm = t.find({"arm", "group", "treatment"});
    const Column node = t.find({"node", "lymphnode", "nodal"}),
                 state = t.find({"state", "status", "assessment"});
    if (problems_.size() != before) return;
    for (const std::size_t r : t.rows()) {
      LesionReading x;
      x.where = t.where(r, size);
      x.lesion = t.text(r, lesion), x.organ = t.text(r, organ);
      const auto of_kind = parse_kind(t.text(r, kind));
      if (!of_kind) {
        t.problem(r,
                  kind,
                  fmt::format("\"{}\" is no kind of lesion", printable(t.text(r, kind))),
                  "Write target, non-target or new.");
        continue;
      }
      x.kind = *of_kind;
      const std::string yes = lower(t.text(r, node));
      x.node = yes == "1" || yes == "yes" || yes == "true" ||
               contains(lower(x.organ), {"node", "nodal"});
      if (!reading(t, r, size, state, x)) continue;
      const double when = t.number(r, day);
      if (std::isnan(when) || is_blank_cell(t.text(r, patient)) || is_blank_cell(x.lesion)) {
        t.problem(r, day, "the row has no patient, day or lesion", "Write all three in every row.");
        continue;
      }
      add(t.text(r, patient),
          arm ? t.text(r, arm) : "all",
          when,
          std::move(x),
          t.where(r, patient));
    }
  }

  void finish() {
    for (LesionPatient& p : out_.patients)
      std::stable_sort(p.visits.begin(),
                       p.visits.end(),
                       [](const Assessment& a, const Assessment& b) { return a.day < b.day; });
  }

 private:
  bool reading(TitledTable& t, std::size_t r, Column size, Column state, LesionReading& x) {
    const std::string cell = t.text(r, size);
    if (const auto said = parse_state(cell)) {
      x.state = *said;
      if (x.state == LesionState::not_assessed && state)
        if (const auto more = parse_state(t.text(r, state))) x.state = *more;
      return true;
    }
    const std::size_t before = problems_.size();
    x.diameter_mm = t.number(r, size);
    if (problems_.size() != before) return false;
    if (x.diameter_mm < 0.0) {
      t.problem(r,
                size,
                fmt::format("the diameter {} is negative", exact(x.diameter_mm)),
                "A diameter is 0 (gone) or more, in mm.");
      return false;
    }
    x.state = x.diameter_mm == 0.0 ? LesionState::absent : LesionState::measured;
    if (state && x.kind == LesionKind::non_target)
      if (const auto more = parse_state(t.text(r, state)); more && *more == LesionState::worse)
        x.state = *more;
    return true;
  }

  void add(const std::string& patient,
           const std::string& arm,
           double day,
           LesionReading x,
           const Where& where) {
    const auto [at, added] = index_.emplace(patient, out_.patients.size());
    if (added) out_.patients.push_back({patient, arm, {}});
    LesionPatient& p = out_.patients[at->second];
    if (p.arm != arm)
      problems_.push_back({where,
                           fmt::format("patient \"{}\" is in two arms: \"{}\" and \"{}\"",
                                       printable(patient),
                                       printable(p.arm),
                                       printable(arm)),
                           "A patient belongs to the arm it was allotted to.",
                           Severity::error});
    const auto [last, first_time] = last_day_.emplace(std::pair(patient, x.lesion), day);
    if (!first_time && day < last->second)
      problems_.push_back(
          {x.where,
           fmt::format("the days of lesion \"{}\" of patient \"{}\" are out of order: day {} after "
                       "day {}",
                       printable(x.lesion),
                       printable(patient),
                       exact(day),
                       exact(last->second)),
           "Mend the day, or sort the rows if the days are right.",
           Severity::error});
    last->second = day;
    auto visit = std::find_if(
        p.visits.begin(), p.visits.end(), [&](const Assessment& a) { return a.day == day; });
    if (visit == p.visits.end()) {
      p.visits.push_back({day, {}});
      visit = p.visits.end() - 1;
    }
    for (const LesionReading& before : visit->readings)
      if (before.lesion == x.lesion)
        problems_.push_back(
            {x.where,
             fmt::format(
                 "lesion \"{}\" of patient \"{}\" is there twice on day {}: also at line {}",
                 printable(x.lesion),
                 printable(patient),
                 exact(day),
                 before.where.line),
             "Keep one reading a visit.",
             Severity::error});
    visit->readings.push_back(std::move(x));
  }

  LesionTable& out_;
  Problems& problems_;
  std::map<std::string, std::size_t> index_;
  std::map<std::pair<std::string, std::string>, double> last_day_;  // of each patient's lesion
};

}  // namespace

bool has_lesion_columns(std::string_view bytes, const std::string& file) {
  const auto grids =
      read_grids(bytes.substr(0, std::min<std::size_t>(bytes.size(), 1U << 16U)), file);
  for (const Grid& grid : grids.value) {
    Problems ignored;
    TitledTable t(grid, ignored);
    if (t.find({"lesion", "lesionid", "lesionname", "lesionnumber"})) return true;
  }
  return false;
}

Checked<LesionTable> read_lesions(std::string_view bytes, const std::string& file) {
  Checked<LesionTable> out;
  auto grids = read_grids(bytes, file);
  append(out.problems, std::move(grids.problems));
  if (has_errors(out.problems)) return out;
  LesionReader reader(out.value, out.problems);
  for (const Grid& grid : grids.value) reader.grid(grid);
  reader.finish();
  return out;
}

}  // namespace kinescape::clinical
