// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/lane_sheet.hpp"

#include <fmt/format.h>

#include <cmath>

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
      {"antibody", {"probe", "target", "protein"}, true}};
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
    if (e.lane == 0 && s.text(r, "lane").empty()) {
      out.problems.push_back(
          {e.where, "a row names no lane", "Lanes count from 1, left to right."});
    }
    if (e.antibody.empty()) {
      out.problems.push_back({s.where(r, "antibody"),
                              "a row names no antibody",
                              "Name what the strip was probed for."});
    }
    out.value.entries.push_back(std::move(e));
  }
  return out;
}

}  // namespace kinescape::immunoblot
