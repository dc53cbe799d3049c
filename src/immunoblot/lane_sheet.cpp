// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/lane_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/csv.hpp"
#include "base/quantity.hpp"
#include "immunoblot/sheet_internal.hpp"

namespace kinescape::immunoblot {
namespace {

const std::vector<Column1>& lane_columns() {
  static const std::vector<Column1> all{
      {"image", {"file", "picture", "imagefile", "blot"}, false},
      {"membrane", {"gel", "experiment", "repeat", "membraneid"}, false},
      {"strip", {"panel"}, false},
      {"lane", {"laneno", "lanenumber"}, true},
      {"band", {"bandno", "bandnumber"}, false},
      {"sample", {"samplename", "sampleid", "lysate"}, false},
      {"line", {"cellline", "cells"}, false},
      {"drug", {"compound", "treatment", "inhibitor"}, false},
      {"dose_nM",
       {"dosenm",
        "doseum",
        "dosepm",
        "dosemm",
        "concentrationnm",
        "concentrationum",
        "concnm",
        "concum"},
       false},
      {"role", {"kind", "type"}, false},
      {"mass_kDa", {"masseskda", "kda", "mwkda", "expectedkda", "expectedmasskda"}, false},
      {"time_h",
       {"timeh", "hours", "timehours", "hour", "timemin", "minutes", "timed", "days"},
       false},
      {"load_ug", {"loadug", "ug", "proteinug"}, false},
      {"measure", {"quantity"}, false},
      {"antibody", {"probe", "target", "protein", "stain"}, true}};
  return all;
}

/// nM for each unit of the dose column, from its heading.
double unit_of(const std::string& heading) {
  const std::string c = compact(heading);
  if (c.ends_with("um")) return 1e3;
  if (c.ends_with("mm")) return 1e6;
  if (c.ends_with("pm")) return 1e-3;
  return 1.0;
}

/// Hours for each unit of the time column, from its heading.
double hours_of(const std::string& heading) {
  const std::string c = compact(heading);
  return c.ends_with("min") || c.ends_with("minutes") ? 1.0 / 60.0
         : c == "timed" || c == "days"                ? 24.0
                                                      : 1.0;
}

LaneEntry::Role role_of(const Sheet& s, std::size_t row, Problems& problems) {
  const std::string role = compact(s.text(row, "role"));
  if (role.empty() || role == "sample") return LaneEntry::Role::sample;
  if (role == "marker" || role == "ladder") return LaneEntry::Role::marker;
  if (role == "dilution" || role == "standard") return LaneEntry::Role::dilution;
  problems.push_back({s.where(row, "role"),
                      fmt::format("the role \"{}\" is not known", printable(s.text(row, "role"))),
                      "Allowed: sample, marker, dilution."});
  return LaneEntry::Role::sample;
}

/// One mass, or those of a marker's bands with spaces or semicolons between them.
std::vector<double> masses_of(const Sheet& s, std::size_t row, Problems& problems) {
  std::vector<double> out;
  std::string word;
  bool good = true;
  for (const char c : s.text(row, "mass_kDa") + " ") {
    if (c != ' ' && c != ';' && c != ',' && c != '/') {
      word += c;
      continue;
    }
    if (word.empty()) continue;
    const auto parsed = parse_number(word);
    good = good && parsed.kind == NumberKind::number && parsed.value > 0.0 && parsed.value < 1e5;
    out.push_back(parsed.value);
    word.clear();
  }
  if (!good) {
    problems.push_back({s.where(row, "mass_kDa"),
                        fmt::format("\"{}\" is no mass", printable(s.text(row, "mass_kDa"))),
                        "Write kDa: 140, or for a marker 250 150 100 75 from top to bottom."});
    out.clear();
  }
  return out;
}

/// What a row says beside where it stands and what it was treated with.
void read_more(const Sheet& s, std::size_t r, double per_time, LaneEntry& e, Problems& problems) {
  e.role = role_of(s, r, problems);
  e.masses_kDa = masses_of(s, r, problems);
  if (s.has("time_h")) e.time_h = s.number(r, "time_h", problems) * per_time;
  if (s.has("load_ug")) e.load_ug = s.number(r, "load_ug", problems);
  if (e.time_h < 0.0 || e.load_ug < 0.0) {
    problems.push_back({s.where(r, e.time_h < 0.0 ? "time_h" : "load_ug"),
                        e.time_h < 0.0 ? "a time is below 0" : "a load is below 0",
                        "Mend it."});
  }
  const std::string measure = compact(s.text(r, "measure"));
  e.whole_lane = measure == "lane" || measure == "total";
  if (!measure.empty() && !e.whole_lane && measure != "band") {
    problems.push_back({s.where(r, "measure"),
                        fmt::format("\"{}\" cannot be measured", printable(s.text(r, "measure"))),
                        "Allowed: band, lane (all that stands in it, for a total-protein stain)."});
  }
  const bool marker = e.role == LaneEntry::Role::marker;
  const bool none = e.masses_kDa.empty() && s.text(r, "mass_kDa").empty();
  if (marker && (none || !std::ranges::is_sorted(e.masses_kDa, std::greater<>()))) {
    problems.push_back({s.where(r, "mass_kDa"),
                        none ? "a marker lane has no masses" : "the masses of a marker do not fall",
                        "Give the kDa of the bands that are seen, from top to bottom, with spaces "
                        "between them."});
  }
  if (!marker && e.masses_kDa.size() > 1) {
    problems.push_back({s.where(r, "mass_kDa"),
                        "a sample's band has one expected mass",
                        "Write role = marker for the lane with the masses."});
  }
  if (e.role == LaneEntry::Role::dilution && !(e.load_ug > 0.0)) {
    problems.push_back({s.where(r, "load_ug"),
                        "a lane of a dilution series has no load",
                        "Give what was loaded in the column load_ug."});
  }
}

int whole(const Sheet& s, std::size_t row, const std::string& column, Problems& problems) {
  if (!s.has(column)) return 0;
  const double v = s.number(row, column, problems);
  if (std::isnan(v)) return 0;
  if (v < 1.0 || v != std::floor(v) || v > 1e6) {
    problems.push_back({s.where(row, column),
                        fmt::format("{} is not a whole number from 1", column),
                        "Lanes, strips and bands count from 1."});
    return 0;
  }
  return int(v);
}

}  // namespace

Checked<LaneSheet> read_lane_sheet(std::string_view bytes, const std::string& file) {
  Checked<LaneSheet> out;
  out.value.file = file;
  const auto read = Sheet::read(bytes, file, lane_columns());
  out.problems = read.problems;
  if (!out.ok()) return out;
  const Sheet& s = read.value;
  const double per_unit = unit_of(s.heading("dose_nM"));
  const double per_time = hours_of(s.heading("time_h"));
  for (std::size_t r = 0; r < s.rows(); ++r) {
    LaneEntry e;
    e.where = s.where(r, "lane");
    e.image = s.text(r, "image");
    e.membrane = s.text(r, "membrane");
    e.sample = s.text(r, "sample");
    e.line = s.text(r, "line");
    e.drug = s.text(r, "drug");
    e.antibody = s.text(r, "antibody");
    e.lane = whole(s, r, "lane", out.problems);
    e.strip = whole(s, r, "strip", out.problems);
    e.band = whole(s, r, "band", out.problems);
    if (s.has("dose_nM")) {
      const double dose = s.number(r, "dose_nM", out.problems);
      if (dose < 0.0)
        out.problems.push_back({s.where(r, "dose_nM"), "a dose is below 0", "Mend it."});
      e.dose_nM = std::isnan(dose) ? 0.0 : dose * per_unit;
    }
    read_more(s, r, per_time, e, out.problems);
    if (e.lane == 0 && s.text(r, "lane").empty()) {
      out.problems.push_back(
          {e.where, "a row names no lane", "Lanes count from 1, left to right."});
    }
    if (e.antibody.empty() && e.role != LaneEntry::Role::marker) {
      out.problems.push_back({s.where(r, "antibody"),
                              "a row names no antibody",
                              "Name what the strip was probed for."});
    }
    out.value.entries.push_back(std::move(e));
  }
  return out;
}

}  // namespace kinescape::immunoblot
