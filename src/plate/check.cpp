// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "plate/cells_internal.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::plate {
namespace {

constexpr double nanomolar_in_1_M = 1e9;

std::string place(const Well& well) {
  std::string text = well.plate.empty() ? "" : "plate " + well.plate;
  if (!well.placed) return text;
  if (!text.empty()) text += ", ";
  return text + "well " + name(well.position);
}

/// The place of a well in its file, as a Where.
Where where(const Well& well) {
  Where w;
  w.file = well.origin.file;
  w.item = well.origin.cell;
  if (const std::string p = place(well); !p.empty()) w.item += (w.item.empty() ? "" : ", ") + p;
  return w;
}

void duplicates(const PlateSet& set, Problems& problems) {
  std::vector<const Well*> placed;
  placed.reserve(set.wells.size());
  for (const Well& w : set.wells) {
    if (w.placed) placed.push_back(&w);
  }
  const auto key = [](const Well* w) {
    return std::tuple<std::string_view, Position, std::string_view, double>{
        w->plate, w->position, w->channel, std::isnan(w->time_h) ? -1.0 : w->time_h};
  };
  std::stable_sort(
      placed.begin(), placed.end(), [&](const Well* a, const Well* b) { return key(a) < key(b); });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (key(placed[i]) != key(placed[i - 1])) continue;
    const Well& w = *placed[i];
    std::string what = "the well is there twice: also at " + placed[i - 1]->origin.cell;
    if (placed[i - 1]->origin.file != w.origin.file) what += " of " + placed[i - 1]->origin.file;
    problems.push_back(
        {where(w),
         what,
         "Keep one of them; name the plates apart in a column plate, or the reads in "
         "columns channel or time_h.",
         Severity::error});
  }
}

void doses(const PlateSet& set, Problems& problems) {
  std::map<std::tuple<std::string, std::string>, std::vector<double>> by_file;
  std::set<std::tuple<std::string, std::string, double>> said;
  const auto look = [&](const Well& w, const std::string& drug, double dose_nM) {
    if (dose_nM > nanomolar_in_1_M && said.emplace(w.origin.file, drug, dose_nM).second) {
      problems.push_back({where(w),
                          "a dose of " + rounded(dose_nM / nanomolar_in_1_M) + " M of \"" + drug +
                              "\" cannot be dissolved",
                          "Check the unit of the dose column.",
                          Severity::error});
    }
    if (dose_nM > 0.0) by_file[{drug, w.origin.file}].push_back(std::log10(dose_nM));
  };
  for (const Well& w : set.wells) {
    if (!w.drug.empty()) look(w, w.drug, w.dose_nM);
    if (!w.drug_b.empty()) look(w, w.drug_b, w.dose_b_nM);
  }
  const std::string* drug = nullptr;
  const std::string* file = nullptr;
  double reference = unknown;
  for (auto& [key, logs] : by_file) {
    const auto middle = logs.begin() + static_cast<std::ptrdiff_t>(logs.size() / 2);
    std::nth_element(logs.begin(), middle, logs.end());
    if (drug == nullptr || *drug != std::get<0>(key)) {
      drug = &std::get<0>(key);
      file = &std::get<1>(key);
      reference = *middle;
      continue;
    }
    const double decades = std::abs(*middle - reference);
    if (std::abs(decades - 3.0) < 0.35 || std::abs(decades - 6.0) < 0.35) {
      problems.push_back({{std::get<1>(key), 0, 0, "", ""},
                          "the doses of \"" + *drug + "\" lie " +
                              rounded(std::pow(10.0, decades), 2) + "-fold from those in " + *file,
                          "Check the dose unit of both files.",
                          Severity::warning});
    }
  }
}

/// Lists the first few of many wells.
std::string some(const std::vector<const Well*>& wells) {
  std::string text;
  for (std::size_t i = 0; i < wells.size() && i < 6; ++i) {
    if (i > 0) text += ", ";
    text += wells[i]->placed ? name(wells[i]->position) : wells[i]->origin.cell;
  }
  return wells.size() > 6 ? text + ", ..." : text;
}

void negatives(const PlateSet& set, Problems& problems) {
  if (set.scale != Scale::signal) return;
  std::map<std::string_view, std::vector<const Well*>> negative;
  for (const Well& w : set.wells) {
    if (w.reading == Reading::measured && w.signal < 0.0) negative[w.plate].push_back(&w);
  }
  for (const auto& [plate, wells] : negative) {
    const bool one = wells.size() == 1;
    problems.push_back({where(*wells.front()),
                        std::to_string(wells.size()) + (one ? " well" : " wells") + " of plate \"" +
                            std::string(plate) + (one ? "\" is" : "\" are") +
                            " negative: " + some(wells),
                        "Kept as they are. Check that no blank was subtracted twice.",
                        Severity::warning});
  }
}

void plans(PlateSet& set, const ReadOptions& options, Problems& problems) {
  std::map<std::string, std::vector<const Well*>> without;
  bool any_plan = false;
  for (Well& w : set.wells) {
    if (!unplanned_well(w)) {
      any_plan = true;
    } else if (w.reading == Reading::missing || w.reading == Reading::masked) {
      if (options.plan_needed) w.role = Role::unused;
    } else {
      without[w.plate].push_back(&w);
    }
  }
  if (!options.plan_needed) return;
  for (const auto& [plate, wells] : without) {
    problems.push_back(
        {where(*wells.front()),
         (any_plan ? std::to_string(wells.size()) + " wells have" : std::string("no well has")) +
             " a drug, a dose or a role" + (any_plan ? ": " + some(wells) : ""),
         "Give a layout that says what stood in each well, or columns drug, dose_nM and role.",
         Severity::error});
    if (!any_plan) break;
  }
}

}  // namespace

bool unplanned_well(const Well& well) {
  return well.role == Role::sample && well.drug.empty() && well.drug_b.empty();
}

void check(PlateSet& set, const ReadOptions& options, Problems& problems) {
  const bool sound = !has_errors(problems);
  duplicates(set, problems);
  doses(set, problems);
  negatives(set, problems);
  if (sound) plans(set, options, problems);
  const bool read = std::any_of(set.wells.begin(), set.wells.end(), [](const Well& w) {
    return w.reading != Reading::missing && w.reading != Reading::masked;
  });
  if (!read && sound && !set.wells.empty()) {
    problems.push_back({{set.wells.front().origin.file, 0, 0, "", ""},
                        "no well has a reading",
                        "Export the plate with its values.",
                        Severity::error});
  }
}

}  // namespace kinescape::plate
