// SPDX-License-Identifier: Apache-2.0
// From cells to visits. What one row says wrong is told at its cell; what rows say against each
// other is told when all are known (settle.cpp).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/titled.hpp"
#include "xenograft/read_internal.hpp"

namespace kinescape::xenograft {
namespace {

using Column = std::optional<std::size_t>;

bool is_not_palpable(std::string_view cell) {
  const std::string t = lower(cell);
  return t == "np" || t == "not palpable" || t == "nonpalpable" || t == "no tumor" ||
         t == "no tumour";
}

/// "day 3", "d3", "day_3", "3" -> 3.
std::optional<double> day_title(std::string_view title) {
  std::string t = lower(trimmed(title));
  for (const char* lead : {"day", "d"})
    if (t.starts_with(lead)) {
      t = t.substr(std::string_view(lead).size());
      break;
    }
  while (!t.empty() && (t.front() == ' ' || t.front() == '_' || t.front() == '.')) t.erase(0, 1);
  const auto number = plain_number(t);
  return number ? std::optional(*number) : std::nullopt;
}

class Reader {
 public:
  Reader(const ReadOptions& options, Experiment& out, Problems& problems)
      : options_(options), out_(out), problems_(problems) {}

  void grid(const Grid& grid) {
    TitledTable t(grid, problems_);
    if (!t.has_titles()) {
      problems_.push_back({{grid.file(), 0, 0, grid.sheet(), ""},
                           "the table is empty",
                           "Give a table with the columns animal, arm, day, and volume_mm3 or "
                           "length_mm and width_mm.",
                           Severity::error});
      return;
    }
    std::vector<std::size_t> days;
    for (std::size_t c = 0; c < t.columns(); ++c)
      if (day_title(t.title(c))) days.push_back(c);
    const Column day = t.find({"day",
                               "days",
                               "time",
                               "timedays",
                               "timed",
                               "dayofstudy",
                               "studyday",
                               "daysposttreatment"});
    if (!day && days.size() >= 2)
      wide_by_animal(t, days);
    else if (day && is_wide_by_day(t))
      wide_by_day(t, *day);
    else
      long_table(t, day);
  }

 private:
  Animal& animal(const std::string& id,
                 const std::string& arm,
                 const std::string& line,
                 const Where& where) {
    const std::string key = line + '\n' + id;
    const auto [at, added] = index_.emplace(key, out_.animals.size());
    if (added) {
      out_.animals.push_back({id, arm, line, {}, Removal::none, ""});
      first_.push_back(where);
    }
    Animal& a = out_.animals[at->second];
    if (a.arm != arm && told_.insert(key).second)
      problems_.push_back(
          {where,
           fmt::format("mouse \"{}\" is in two arms: \"{}\" here and \"{}\" at line {}",
                       printable(id),
                       printable(arm),
                       printable(a.arm),
                       first_[at->second].line),
           "A mouse belongs to the arm it was allotted to; mend the name or the arm.",
           Severity::error});
    return a;
  }

  /// Volume cells: a number, "<4", "NP", or 0 (not palpable).
  bool volume_cell(TitledTable& t, std::size_t r, std::size_t c, Visit& v, double factor) {
    std::string cell = t.text(r, c);
    if (is_blank_cell(cell)) return false;
    if (is_not_palpable(cell)) {
      v.below_limit = true;
      v.volume_mm3 = options_.palpable_limit_mm3;
      return true;
    }
    if (cell.front() == '<') {
      const auto number = parse_number(cell.substr(1), options_.decimal);
      if (number.kind == NumberKind::number && number.value > 0.0) {
        v.below_limit = true;
        v.volume_mm3 = factor * number.value;
        return true;
      }
    }
    const double volume = factor * t.number(r, c);
    if (std::isnan(volume)) return false;
    if (volume < 0.0) {
      t.problem(r,
                c,
                fmt::format("the volume {} is negative", exact(volume)),
                "A volume is 0 (not palpable) or more.");
      return false;
    }
    v.volume_mm3 = volume;
    v.below_limit = volume == 0.0 || volume < options_.palpable_limit_mm3;
    if (v.below_limit) v.volume_mm3 = options_.palpable_limit_mm3;  // NaN: settled from the data
    return true;
  }

  void long_table(TitledTable& t, Column day) {
    const std::size_t before = problems_.size();
    const Column animal_c =
        t.find({"animal", "animalid", "mouse", "mouseid", "modelid", "id", "subject"});
    const Column replicate = animal_c ? std::nullopt : t.find({"replicate", "rep"});
    const Column arm_c = t.find({"arm", "group", "treatment", "treatmentgroup", "category"});
    const Column arm = arm_c ? arm_c : t.find({"drug"});
    const Column line =
        t.find({"line", "model", "pdx", "patientid", "patient", "tumourline", "tumorline"});
    length_ = t.find({"lengthmm", "length", "lmm", "l"}),
    width_ = t.find({"widthmm", "width", "wmm", "w"});
    height_ = t.find({"heightmm", "height", "depthmm", "depth", "hmm", "h"});
    const Column volume = t.find({"volumemm3",
                                  "volume",
                                  "tumorvolume",
                                  "tumourvolume",
                                  "tumorvolumemm3",
                                  "tumourvolumemm3",
                                  "tv",
                                  "volumemm\xc2\xb3",
                                  "volumecm3"});
    weight_ = t.find({"weightg", "weight", "bodyweight", "bodyweightg", "bw", "bwg"});
    by_ = t.find({"operator", "measuredby", "observer"});
    const Column removed =
        t.find({"removed", "removal", "reason", "removalreason", "reasonforremoval", "endpoint"});
    if (!day && t.find({"date", "datemeasured", "measurementdate"}))
      problems_.push_back({t.where(0, std::nullopt),
                           "there is no column day, and dates are not read",
                           "Write the day of the study: days from the first dose.",
                           Severity::error});
    else if (!day)
      missing(t, "day");
    if (!animal_c && !replicate) missing(t, "animal");
    if (!volume && !(length_ && width_)) missing(t, "volume_mm3 (or length_mm and width_mm)");
    if (needs_height(options_.formula) && !volume && !height_)
      missing(t, "height_mm, which the chosen formula needs");
    if (problems_.size() != before) return;
    out_.volumes_given = volume.has_value();
    const double factor = volume && plain_title(t.title(*volume)) == "volumecm3" ? 1000.0 : 1.0;
    for (const std::size_t r : t.rows()) {
      std::string id = t.text(r, animal_c ? animal_c : replicate);
      const std::string in = arm ? t.text(r, arm) : "all", of = t.text(r, line);
      if (is_blank_cell(id) || is_blank_cell(in)) {
        t.problem(r,
                  animal_c ? animal_c : replicate,
                  "the row names no mouse or no arm",
                  "Write both in every row.");
        continue;
      }
      if (replicate) id = in + " " + id;
      row(t,
          r,
          *day,
          volume,
          removed,
          factor,
          animal(id, in, of, t.where(r, animal_c ? animal_c : replicate)));
    }
  }

  void row(TitledTable& t,
           std::size_t r,
           std::size_t day,
           Column volume,
           Column removed,
           double factor,
           Animal& a) {
    Visit v;
    v.where = t.where(r, day);
    const std::size_t before = problems_.size();
    v.day = t.number(r, day);
    if (std::isnan(v.day)) {
      if (problems_.size() == before)
        t.problem(r, day, "there is no day", "Write the day of every measurement.");
      return;
    }
    v.weight_g = t.number(r, weight_);
    if (v.weight_g <= 0.0) {
      t.problem(r,
                weight_,
                "a body weight is not positive: it counts as not taken",
                "Write grams, or leave the cell empty.",
                Severity::warning);
      v.weight_g = unknown;
    }
    v.measured_by = t.text(r, by_);
    if (const std::string why = t.text(r, removed);
        !is_blank_cell(why) && !iequal(why, "no") && why != "0") {
      a.removal = parse_removal(why);
      a.removal_as_written = why;
      removed_day_[&a - out_.animals.data()] = v.day;
    }
    bool any = volume && volume_cell(t, r, *volume, v, factor);
    const bool calipers = length_ && width_ && caliper(t, r, v);
    if (!any && calipers) any = true;
    if (any || !std::isnan(v.weight_g)) a.visits.push_back(std::move(v));
  }

  bool caliper(TitledTable& t, std::size_t r, Visit& v) {
    v.length_mm = t.number(r, length_), v.width_mm = t.number(r, width_),
    v.height_mm = t.number(r, height_);
    for (const Column c : {length_, width_, height_}) {
      if (!c) continue;
      if (t.text(r, c).starts_with("-") && t.number(r, c) < 0.0) {
        t.problem(r,
                  c,
                  fmt::format("the diameter {} is negative", t.text(r, c)),
                  "A diameter is 0 (not palpable) or more.");
        return false;
      }
    }
    if (std::isnan(v.length_mm) || std::isnan(v.width_mm)) return false;
    if (v.width_mm > v.length_mm) {
      t.problem(r,
                width_,
                fmt::format("the width {} exceeds the length {}: the two are swapped",
                            exact(v.width_mm),
                            exact(v.length_mm)),
                "The length is the longer diameter; swap the two cells.");
      return false;
    }
    if (!std::isnan(v.volume_mm3) || v.below_limit) return true;  // a volume is given, too
    const double volume = volume_mm3(options_.formula, v.length_mm, v.width_mm, v.height_mm);
    if (std::isnan(volume)) {
      t.problem(r,
                height_,
                "there is no height, which the chosen formula needs",
                "Write it, or choose a formula of length and width.");
      return false;
    }
    v.volume_mm3 = volume;
    v.below_limit = volume == 0.0 || volume < options_.palpable_limit_mm3;
    if (v.below_limit) v.volume_mm3 = options_.palpable_limit_mm3;
    return true;
  }

  /// A row a mouse, a column a day.
  void wide_by_animal(TitledTable& t, const std::vector<std::size_t>& days) {
    const std::size_t before = problems_.size();
    const Column id =
        t.find({"animal", "animalid", "mouse", "mouseid", "modelid", "id", "subject"});
    const Column arm = t.find({"arm", "group", "treatment", "treatmentgroup", "drug"});
    const Column line = t.find({"line", "model", "pdx", "patientid", "patient"});
    const Column removed = t.find({"removed", "removal", "reason", "removalreason"});
    if (!id) missing(t, "animal");
    if (problems_.size() != before) return;
    out_.volumes_given = true;
    for (const std::size_t r : t.rows()) {
      Animal& a =
          animal(t.text(r, id), arm ? t.text(r, arm) : "all", t.text(r, line), t.where(r, id));
      for (const std::size_t c : days) {
        Visit v;
        v.day = *day_title(t.title(c));
        v.where = t.where(r, c);
        if (volume_cell(t, r, c, v, 1.0)) a.visits.push_back(std::move(v));
      }
      if (const std::string why = t.text(r, removed); !is_blank_cell(why)) {
        a.removal = parse_removal(why);
        a.removal_as_written = why;
      }
    }
  }

  /// "arm / mouse" in every title but the day's.
  static bool is_wide_by_day(const TitledTable& t) {
    std::size_t named = 0;
    for (std::size_t c = 0; c < t.columns(); ++c)
      named += t.title(c).find('/') != std::string_view::npos;
    return named >= 2;
  }

  void wide_by_day(TitledTable& t, std::size_t day) {
    out_.volumes_given = true;
    for (std::size_t c = 0; c < t.columns(); ++c) {
      const std::string_view title = t.title(c);
      const std::size_t slash = title.find('/');
      if (slash == std::string_view::npos) continue;
      const std::string arm(trimmed(title.substr(0, slash))), id(trimmed(title.substr(slash + 1)));
      for (const std::size_t r : t.rows()) {
        Visit v;
        v.where = t.where(r, c);
        v.day = t.number(r, day);
        if (std::isnan(v.day)) continue;
        if (volume_cell(t, r, c, v, 1.0))
          animal(id, arm, "", t.where(r, c)).visits.push_back(std::move(v));
      }
    }
  }

  void missing(TitledTable& t, const std::string& name) {
    std::vector<std::string> titles;
    for (std::size_t c = 0; c < t.columns(); ++c) titles.emplace_back(t.title(c));
    const auto guess = nearest(name, titles);
    problems_.push_back({t.where(0, std::nullopt),
                         "there is no column " + name,
                         guess ? "Did you mean \"" + *guess + "\"?"
                               : "Tidy columns: animal, arm, day, length_mm, width_mm or "
                                 "volume_mm3, weight_g, removed.",
                         Severity::error});
  }

  const ReadOptions& options_;
  Experiment& out_;
  Problems& problems_;
  std::map<std::string, std::size_t> index_;
  std::vector<Where> first_;
  std::set<std::string> told_;
  Column length_, width_, height_, weight_, by_;

 public:
  std::map<std::ptrdiff_t, double> removed_day_;
};

void read_into(std::string_view bytes,
               const std::string& file,
               const ReadOptions& options,
               Reader& reader,
               Problems& problems) {
  auto grids = read_grids(bytes, file, options.decimal);
  const bool bad = !grids.ok();
  append(problems, std::move(grids.problems));
  if (bad) return;
  for (const Grid& grid : grids.value) reader.grid(grid);
}

}  // namespace

Checked<Experiment> read(std::string_view bytes,
                         const std::string& file,
                         const ReadOptions& options) {
  Checked<Experiment> out;
  Reader reader(options, out.value, out.problems);
  read_into(bytes, file, options, reader, out.problems);
  settle(options, reader.removed_day_, out.value, out.problems);
  return out;
}

Checked<Experiment> read_files(const std::vector<std::string>& paths, const ReadOptions& options) {
  Checked<Experiment> out;
  Reader reader(options, out.value, out.problems);
  for (const std::string& path : paths) {
    auto bytes = read_file(path);
    append(out.problems, bytes.problems);
    if (bytes.ok()) read_into(bytes.value, path, options, reader, out.problems);
  }
  settle(options, reader.removed_day_, out.value, out.problems);
  if (out.ok() && out.value.animals.empty())
    out.problems.push_back({{paths.empty() ? "" : paths.front(), 0, 0, "", ""},
                            "there is no mouse in the table",
                            "Give at least one row below the titles.",
                            Severity::error});
  return out;
}

}  // namespace kinescape::xenograft
