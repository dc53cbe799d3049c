// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "immunoblot/protein.hpp"
#include "immunoblot/sheet_internal.hpp"

namespace kinescape::immunoblot {
namespace {

const std::vector<Column1>& protein_columns() {
  static const std::vector<Column1> all{
      {"role", {"type", "kind", "welltype"}, false},
      {"sample", {"name", "id", "lysate", "samplename", "sampleid"}, false},
      {"concentration_ug_per_ml",
       {"concentrationugml",
        "ugperml",
        "ugml",
        "concugml",
        "concugperml",
        "standardugperml",
        "standardugml",
        "bsaugperml",
        "bsaugml"},
       false},
      {"concentration_mg_per_ml", {"concentrationmgml", "mgperml", "mgml", "concmgml"}, false},
      {"dilution", {"dilutionfactor", "fold", "dilutionfold"}, false},
      {"absorbance",
       {"od", "a562", "od562", "abs562", "a595", "od595", "abs", "signal", "density"},
       true}};
  return all;
}

}  // namespace

Checked<ProteinPlate> read_protein(std::string_view bytes, const std::string& file) {
  Checked<ProteinPlate> out;
  out.value.file = file;
  const auto sheet = Sheet::read(bytes, file, protein_columns());
  out.problems = sheet.problems;
  if (!out.ok()) return out;
  const Sheet& s = sheet.value;
  const bool milligrams = s.has("concentration_mg_per_ml");
  const std::string conc = milligrams ? "concentration_mg_per_ml" : "concentration_ug_per_ml";
  if (!s.has(conc)) {
    out.problems.push_back({s.where(0, conc),
                            "there is no column concentration_ug_per_ml",
                            "Name the standards' column with its unit: concentration_ug_per_ml or "
                            "concentration_mg_per_ml."});
    return out;
  }
  for (std::size_t r = 0; r < s.rows(); ++r) {
    ProteinWell well;
    well.sample = s.text(r, "sample");
    well.concentration_ug_per_ml = s.number(r, conc, out.problems) * (milligrams ? 1000.0 : 1.0);
    well.absorbance = s.number(r, "absorbance", out.problems);
    const double dilution = s.number(r, "dilution", out.problems);
    if (!std::isnan(dilution)) well.dilution = dilution;
    well.line = s.where(r, "absorbance").line;
    const std::string role = compact(s.text(r, "role"));
    const bool standard = !std::isnan(well.concentration_ug_per_ml);
    if (role == "blank" || (role.empty() && !standard && compact(well.sample) == "blank")) {
      well.role = ProteinWell::Role::blank;
    } else if (role == "standard" || role == "std" || role == "bsa" || (role.empty() && standard)) {
      well.role = ProteinWell::Role::standard;
      if (!standard) {
        out.problems.push_back(
            {s.where(r, conc), "a standard has no concentration", "Fill it in."});
      }
    } else if (role == "sample" || role == "unknown" || role == "unk" || role.empty()) {
      well.role = ProteinWell::Role::sample;
      if (well.sample.empty()) {
        out.problems.push_back(
            {s.where(r, "sample"), "a sample has no name", "Name it in the column sample."});
      }
    } else {
      out.problems.push_back({s.where(r, "role"),
                              fmt::format("the role \"{}\" is not known", printable(role)),
                              "Allowed: standard, sample, blank."});
    }
    if (well.role == ProteinWell::Role::standard && well.concentration_ug_per_ml < 0.0) {
      out.problems.push_back({s.where(r, conc), "a concentration is below 0", "Mend it."});
    }
    if (!(well.dilution >= 1.0) || well.dilution > 1e6) {
      out.problems.push_back({s.where(r, "dilution"),
                              "a dilution is below 1",
                              "Write how many times the lysate was diluted: 10 for 1 in 10."});
    }
    if (!std::isnan(well.absorbance)) out.value.wells.push_back(std::move(well));
  }
  return out;
}

Checked<std::vector<SampleLoad>> read_loading(std::string_view bytes, const std::string& file) {
  Checked<std::vector<SampleLoad>> out;
  const auto sheet = Sheet::read(bytes,
                                 file,
                                 {{"sample", {"lysate", "samplename"}, true},
                                  {"load_ug", {"loadug", "ug"}, true},
                                  {"load_low_ug", {"loadlowug", "lowug"}, true},
                                  {"load_high_ug", {"loadhighug", "highug"}, true},
                                  {"level", {}, false}});
  out.problems = sheet.problems;
  if (!out.ok()) return out;
  const Sheet& s = sheet.value;
  for (std::size_t r = 0; r < s.rows(); ++r) {
    SampleLoad load;
    load.sample = s.text(r, "sample");
    Estimated& e = load.load_ug;
    e.value = s.number(r, "load_ug", out.problems);
    e.low = s.number(r, "load_low_ug", out.problems);
    e.high = s.number(r, "load_high_ug", out.problems);
    const double level = s.number(r, "level", out.problems);
    if (level > 0.0 && level < 1.0) e.level = level;
    if (std::isnan(e.value)) continue;
    if (!(e.value > 0.0) || !(e.low > 0.0) || !(e.low <= e.value) || !(e.high >= e.value)) {
      out.problems.push_back(
          {s.where(r, "load_ug"),
           "a load does not lie between its ends",
           "Give load_low_ug, load_ug and load_high_ug in this order, above 0."});
      continue;
    }
    e.status = Status::ok, e.n = 1;
    out.value.push_back(std::move(load));
  }
  return out;
}

}  // namespace kinescape::immunoblot
