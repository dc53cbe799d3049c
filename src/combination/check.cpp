// SPDX-License-Identifier: Apache-2.0
// What would make the scores of a block mislead, before they are computed.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"
#include "combination/read.hpp"

namespace kinescape::combination {
namespace {

Problem about(const Block& b, std::string what, std::string fix, Severity severity) {
  std::string item = b.drugs[0];
  for (std::size_t k = 1; k < b.drugs.size(); ++k) item += " + " + b.drugs[k];
  if (!b.line.empty()) item += " on " + b.line;
  return {{"", 0, 0, item, ""}, std::move(what), std::move(fix), severity};
}

bool only(const Well& w, std::size_t drug) {
  for (std::size_t k = 0; k < most_drugs; ++k) {
    if ((w.dose_nM[k] > 0.0) != (k == drug)) return false;
  }
  return true;
}

bool combined(const Well& w) {
  int drugs = 0;
  for (const double d : w.dose_nM) drugs += d > 0.0;
  return drugs > 1;
}

bool near(double a, double b) {
  return std::fabs(std::log(a / b)) < 0.02;
}

void arms(const Block& b, Problems& out) {
  for (std::size_t k = 0; k < b.drugs.size(); ++k) {
    std::set<double> alone, together;
    for (const Well& w : b.wells) {
      if (only(w, k)) alone.insert(w.dose_nM[k]);
      if (combined(w) && w.dose_nM[k] > 0.0) together.insert(w.dose_nM[k]);
    }
    const std::string drug = "\"" + printable(b.drugs[k]) + "\"";
    if (alone.empty()) {
      out.push_back(about(b,
                          drug + " was never given alone: no reference model knows what to expect",
                          "Add wells of " + drug + " alone at the doses of the combination.",
                          Severity::warning));
      continue;
    }
    if (together.size() == 1) {
      out.push_back(about(b,
                          drug + " was combined at one dose only",
                          "The scores hold for that dose; a matrix of several tells more.",
                          Severity::warning));
    }
    // Single doses that stand a thousandfold from every combined one: two units on one axis.
    int shifted = 0, matched = 0;
    for (const double t : together) {
      const auto at = [&](double factor) {
        return std::any_of(
            alone.begin(), alone.end(), [&](double a) { return near(a, t * factor); });
      };
      matched += at(1.0);
      shifted += at(1e3) || at(1e-3);
    }
    if (matched == 0 && shifted > 0 && 2 * shifted >= static_cast<int>(together.size())) {
      out.push_back(about(b,
                          "the doses of " + drug +
                              " alone lie 1000-fold from those in the "
                              "combination",
                          "Check the units: one arm is in nM and the other in uM.",
                          Severity::error));
    }
  }
}

void effects(const Block& b, Problems& out) {
  int above = 0, below = 0, vehicles = 0;
  double highest = 0.0, lowest = 0.0, vehicle = 0.0;
  for (const Well& w : b.wells) {
    above += w.viability > 1.5;
    below += w.viability < -0.2;
    highest = std::max(highest, w.viability);
    lowest = std::min(lowest, w.viability);
    if (std::all_of(w.dose_nM.begin(), w.dose_nM.end(), [](double d) { return d == 0.0; })) {
      ++vehicles;
      vehicle += w.viability;
    }
  }
  if (vehicles == 0) {
    out.push_back(about(b,
                        "no well is without drug: viability is taken as it was normalised",
                        "Keep the vehicle wells in the table (both doses 0); they say how sure the "
                        "100 % are.",
                        Severity::warning));
  } else if (std::fabs(vehicle / vehicles - 1.0) > 0.15) {
    out.push_back(about(b,
                        "the wells without drug are at " + rounded(100.0 * vehicle / vehicles) +
                            " % viability, not at 100 %",
                        "Check that these are the controls the data were normalised to, and the "
                        "direction of the response.",
                        Severity::warning));
  }
  if (above > 0) {
    out.push_back(about(b,
                        std::to_string(above) + (above == 1 ? " well lies" : " wells lie") +
                            " above 150 % viability, up to " + rounded(100.0 * highest) + " %",
                        "Kept as they are. Check scale and direction of the response.",
                        Severity::warning));
  }
  if (below > 0) {
    out.push_back(about(b,
                        std::to_string(below) + (below == 1 ? " well lies" : " wells lie") +
                            " below -20 % viability, down to " + rounded(100.0 * lowest) + " %",
                        "Kept as they are. Check that no blank was subtracted twice, and the "
                        "direction of the response.",
                        Severity::warning));
  }
}

/// An axis whose doses no experiment has: its unit is another than the file says.
void axes(const Block& b, Problems& out) {
  constexpr double most_nM = 1e6, least_nM = 0.01;  // of the highest dose: 1 mM, 10 pM
  for (std::size_t k = 0; k < b.drugs.size(); ++k) {
    double top = 0.0;
    for (const Well& w : b.wells) top = std::max(top, w.dose_nM[k]);
    if (!(top > most_nM) && !(top > 0.0 && top < least_nM)) continue;
    out.push_back(
        about(b,
              "the highest dose of \"" + printable(b.drugs[k]) + "\" is " +
                  (top > most_nM ? rounded(top / 1e6) + " mM" : rounded(1e3 * top, 2) + " pM"),
              "Check the unit of that axis; the two drugs may have different ones.",
              Severity::warning));
  }
}

/// One drug in several blocks with dose series a thousandfold apart.
void units(const std::vector<Block>& blocks, Problems& out) {
  std::map<std::string, std::vector<double>> middles;
  for (const Block& b : blocks) {
    for (std::size_t k = 0; k < b.drugs.size(); ++k) {
      std::set<double> doses;
      for (const Well& w : b.wells) {
        if (w.dose_nM[k] > 0.0) doses.insert(std::log10(w.dose_nM[k]));
      }
      if (doses.empty()) continue;
      const double middle =
          *std::next(doses.begin(), static_cast<std::ptrdiff_t>(doses.size() / 2));
      for (const double other : middles[b.drugs[k]]) {
        const double apart = std::fabs(middle - other);
        if (std::fabs(apart - 3.0) > 0.1 && std::fabs(apart - 6.0) > 0.1) continue;
        out.push_back(about(b,
                            "the doses of \"" + printable(b.drugs[k]) + "\" lie " +
                                rounded(std::pow(10.0, apart), 2) +
                                "-fold from those of another block",
                            "Check the dose unit of both.",
                            Severity::warning));
        break;
      }
      middles[b.drugs[k]].push_back(middle);
    }
  }
}

}  // namespace

Problems check(const std::vector<Block>& blocks) {
  Problems out;
  for (const Block& b : blocks) {
    arms(b, out);
    axes(b, out);
    effects(b, out);
  }
  units(blocks, out);
  return out;
}

}  // namespace kinescape::combination
