// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "viability/design.hpp"
#include "viability/layout_internal.hpp"

namespace kinescape::viability {

namespace {

using dose_response::Parameter;

class Checker {
 public:
  Problems problems;

  void add(std::string item,
           std::string what,
           std::string fix,
           Severity severity = Severity::error) {
    Where where;
    where.item = std::move(item);
    problems.push_back({std::move(where), std::move(what), std::move(fix), severity});
  }

  void number(const std::string& item, double value, double low, double high) {
    if (value >= low && value <= high) return;
    const std::string range = exact(low) + " to " + exact(high);
    add(item,
        "found " + shown(value) + ", which is not in " + range,
        "Give a number in " + range + ".");
  }

  void count(const std::string& item, int value, int low) {
    if (value >= low) return;
    add(item, "found " + std::to_string(value), "Give " + std::to_string(low) + " or more.");
  }

  void names(const std::string& item, const std::vector<std::string>& list) {
    if (list.empty()) add(item, "there is none", "Name at least one.");
    std::set<std::string> seen;
    for (const std::string& n : list) {
      if (n.empty()) add(item, "one of the names is empty", "Name it.");
      if (!seen.insert(n).second)
        add(item, "\"" + printable(n) + "\" stands there twice", "Keep one.");
    }
  }

  void doses(const std::string& item, const std::vector<double>& list) {
    if (list.empty()) add(item, "there is no dose", "Give at least one dose in nM.");
    std::set<double> seen;
    for (const double d : list) {
      if (!(d > 0.0) || !std::isfinite(d)) {
        add(item,
            "found the dose " + shown(d) + " nM",
            "Give doses above 0; wells without drug are the vehicle wells.");
      } else if (!seen.insert(d).second) {
        add(item,
            "the dose " + exact(d) + " nM stands there twice",
            "Keep one; more wells of a dose are `wells_per_dose`.");
      }
    }
  }

  static std::string shown(double value) { return std::isnan(value) ? "no number" : exact(value); }
};

void check_counts(Checker& c, const Design& d) {
  c.count("wells_per_dose", d.wells_per_dose, 1);
  c.count("repeats", d.repeats, 1);
  c.count("vehicle_wells", d.vehicle_wells, 0);
  c.count("blank_wells", d.blank_wells, 0);
  c.count("positive_wells", d.positive_wells, 0);
  c.count("day0_wells", d.day0_wells, 0);
  c.number("time_h", d.time_h, 1e-3, 1e5);
  if (d.vehicle_wells == 0) {
    c.add("vehicle_wells",
          "no vehicle wells: signals cannot be turned into viability",
          "Give at least 3.",
          Severity::warning);
  }
  if (d.blank_wells == 0) {
    c.add("blank_wells",
          "no blank wells: the signal without cells stays unknown",
          "Give at least 2.",
          Severity::warning);
  }
}

void check_doses(Checker& c, const Design& d) {
  std::set<std::string> own;
  for (const auto& of : d.doses_of) {
    const std::string item = "doses of " + printable(of.drug);
    c.doses(item, of.doses_nM);
    if (std::find(d.drugs.begin(), d.drugs.end(), of.drug) == d.drugs.end()) {
      c.add(item, "the design has no such drug", "Add it to the drugs, or drop its doses.");
    }
    if (!own.insert(of.drug).second) c.add(item, "given twice", "Keep one.");
  }
  const bool shared = std::any_of(
      d.drugs.begin(), d.drugs.end(), [&](const std::string& drug) { return !own.contains(drug); });
  if (shared || d.drugs.empty()) c.doses("doses_nM", d.doses_nM);
}

void check_room(Checker& c, const Design& d) {
  const auto f = d.format;
  if (f.rows < 1 || f.rows > 32 || f.columns < 1 || f.columns > 48) {
    c.add("format",
          "found " + std::to_string(f.rows) + " x " + std::to_string(f.columns) + " wells",
          "Give a plate of 1 x 1 to 32 x 48 wells.");
    return;
  }
  if (has_errors(c.problems)) return;  // counts that are wrong make a wrong sum
  const int room = usable_wells(d) - control_wells(d);
  for (const std::string& drug : d.drugs) {
    const auto doses = doses_of(d, drug).size();
    const auto wells = doses * static_cast<std::size_t>(d.wells_per_dose);
    if (room >= 0 && wells <= static_cast<std::size_t>(room)) continue;
    c.add("format",
          "a curve of " + printable(drug) + " needs " + std::to_string(wells) + " wells (" +
              std::to_string(doses) + " doses x " + std::to_string(d.wells_per_dose) +
              "), and beside the " + std::to_string(control_wells(d)) +
              " control wells this plate has room for " + std::to_string(std::max(0, room)),
          "Take a larger plate, fewer doses, wells or controls, or use the edge.");
  }
}

void check_curve(Checker& c, const TrueCurve& t) {
  const std::string item = "curve of " + printable(t.line) + " on " + printable(t.drug);
  for (const Parameter p : dose_response::free_parameters(t.curve.shape)) {
    if (!std::isfinite(t.curve[p])) {
      c.add(item,
            "a parameter that its shape needs has no value",
            "Give a number for each parameter of the shape.");
      return;
    }
  }
  if (t.curve[Parameter::top] < 0.0 || t.curve[Parameter::bottom] < 0.0) {
    c.add(item, "a plateau lies below 0", "Viability is a fraction of vehicle, 0 or more.");
  }
}

void check_curves(Checker& c, const Design& d, const Truth& t) {
  std::map<std::pair<std::string, std::string>, int> given;
  for (const TrueCurve& curve : t.curves) {
    check_curve(c, curve);
    const std::string item = "curve of " + printable(curve.line) + " on " + printable(curve.drug);
    if (++given[{curve.line, curve.drug}] == 2) c.add(item, "given twice", "Keep one.");
    const bool known = std::find(d.lines.begin(), d.lines.end(), curve.line) != d.lines.end() &&
                       std::find(d.drugs.begin(), d.drugs.end(), curve.drug) != d.drugs.end();
    if (!known) {
      c.add(item,
            "the design has no such line and drug",
            "Correct the name, or add it to the design.");
    }
  }
  for (const std::string& line : d.lines) {
    for (const std::string& drug : d.drugs) {
      if (given.contains({line, drug})) continue;
      c.add("curve of " + printable(line) + " on " + printable(drug),
            "the truth names no curve for it",
            "Give its shape and parameters.");
    }
  }
}

void check_truth(Checker& c, const Design& d, const Truth& t) {
  check_curves(c, d, t);
  std::map<std::string, double> doubling;
  for (const auto& line : t.lines) doubling[line.line] = line.doubling_time_h;
  for (const std::string& line : d.lines) {
    if (d.day0_wells <= 0) break;
    if (const auto at = doubling.find(line); at != doubling.end() && at->second > 0.0) continue;
    c.add("doubling time of " + printable(line),
          "day-0 wells are planned, and it is not given",
          "Give doubling_time_h above 0 for this line.");
  }
  c.number("vehicle_signal", t.vehicle_signal, 1e-9, 1e12);
  c.number("blank_signal", t.blank_signal, 0.0, 1e12);
  c.number("positive_viability", t.positive_viability, 0.0, 10.0);
}

/// Noise that befalls some plates must name plates that there are.
void check_on_plates(Checker& c, const Design& d, const Noise& n) {
  std::vector<std::string> plates;
  if (!n.on_plates.empty() && !has_errors(c.problems)) {
    for (const PlannedPlate& p : lay_out(d, Seed{}).plates) plates.push_back(p.info.name);
  }
  for (const Noise::OnPlates& some : n.on_plates) {
    const std::string item = "noise on some plates";
    if (some.plates.empty() && some.repeats.empty()) {
      c.add(item, "neither plates nor repeats are named", "Name them, or drop this table.");
    }
    if (std::isnan(some.edge_percent) && std::isnan(some.gradient_percent)) {
      c.add(item, "it says nothing of them", "Give edge_percent or gradient_percent.");
    }
    if (!std::isnan(some.edge_percent)) c.number("edge_percent", some.edge_percent, -100.0, 1000.0);
    if (!std::isnan(some.gradient_percent)) {
      c.number("gradient_percent", some.gradient_percent, -200.0, 200.0);
    }
    for (const int repeat : some.repeats) {
      if (repeat >= 1 && repeat <= d.repeats) continue;
      c.add(item,
            "the design has no repeat " + std::to_string(repeat),
            "Repeats are counted from 1 to " + std::to_string(d.repeats) + ".");
    }
    for (const std::string& name : some.plates) {
      if (plates.empty() || std::ranges::count(plates, name) > 0) continue;
      const auto meant = nearest(name, plates);
      c.add(item,
            "the design has no plate \"" + printable(name) + "\"",
            meant ? "Did you mean \"" + *meant + "\"?"
                  : "Its plates are \"" + plates.front() + "\" to \"" + plates.back() + "\".");
    }
  }
}

void check_noise(Checker& c, const Noise& n) {
  c.number("additive", n.additive, 0.0, 1e12);
  c.number("proportional", n.proportional, 0.0, 1.0);
  c.number("repeat_log10_ic50", n.repeat_log10_ic50, 0.0, 3.0);
  c.number("repeat_vehicle_percent", n.repeat_vehicle_percent, 0.0, 100.0);
  c.number("plate_percent", n.plate_percent, 0.0, 100.0);
  c.number("pipetting_percent", n.pipetting_percent, 0.0, 100.0);
  c.number("edge_percent", n.edge_percent, -100.0, 1000.0);
  c.number("gradient_percent", n.gradient_percent, -200.0, 200.0);
  c.number("outlier_rate", n.outlier_rate, 0.0, 1.0);
  if (!std::isnan(n.saturation)) c.number("saturation", n.saturation, 1e-9, 1e12);
}

}  // namespace

Problems check(const Design& design) {
  Checker c;
  c.names("lines", design.lines);
  c.names("drugs", design.drugs);
  check_counts(c, design);
  check_doses(c, design);
  check_room(c, design);
  return std::move(c.problems);
}

Problems check(const Design& design, const Truth& truth, const Noise& noise) {
  Checker c;
  c.problems = check(design);
  check_truth(c, design, truth);
  check_noise(c, noise);
  check_on_plates(c, design, noise);
  return std::move(c.problems);
}

}  // namespace kinescape::viability
