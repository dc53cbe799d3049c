// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "base/errors.hpp"
#include "viability/design.hpp"
#include "viability/layout_internal.hpp"

namespace kinescape::viability {

namespace {

using dose_response::Curve;
using plate::Role;

/// Log-normal with mean 1 and coefficient of variation close to `percent` / 100.
double mean_one(Stream s, double percent) {
  const double spread = percent / 100.0;
  return std::exp(spread * s.normal() - 0.5 * spread * spread);
}

/// One line on one drug in one repeat: the curve moved by the day, the doses by the pipette.
struct CurveOfDay {
  const Curve* curve = nullptr;
  double dose_factor = 1.0;              ///< 10^-(shift of log10 IC50 on this day).
  std::map<double, double> actual_dose;  ///< By planned dose, nM.
};

/// A well with its plan and nothing read.
plate::Well planned_well(const Design& design, const PlannedPlate& on, const Place& place) {
  plate::Well well;
  well.plate = on.info.name;
  well.position = place.position;
  well.placed = true;
  well.role = place.role;
  well.repeat = std::to_string(on.repeat + 1);
  well.time_h = place.role == Role::day0 ? 0.0 : design.time_h;
  well.channel = design.channel;
  well.reading = plate::Reading::missing;
  if (place.role != Role::blank) well.line = design.lines[place.line];
  if (place.role == Role::sample) {
    well.drug = design.drugs[place.drug];
    well.dose_nM = place.dose_nM;
  }
  well.origin = {.file = "virtual plate " + on.info.name, .cell = plate::name(place.position)};
  return well;
}

plate::PlateSet empty_set(const Layout& layout) {
  plate::PlateSet set;
  set.scale = plate::Scale::signal;
  for (const PlannedPlate& p : layout.plates) set.plates.push_back(p.info);
  set.wells.reserve(layout.places.size());
  return set;
}

class Bench {
 public:
  Bench(const Design& design, const Truth& truth, const Noise& noise, Seed seed)
      : design_(design), truth_(truth), noise_(noise), seed_(seed), layout_(lay_out(design, seed)) {
    for (const TrueCurve& t : truth.curves) curves_[{t.line, t.drug}] = &t.curve;
    for (const Truth::LineTruth& l : truth.lines) doubling_h_[l.line] = l.doubling_time_h;
  }

  plate::PlateSet run() {
    plate::PlateSet set = empty_set(layout_);
    for (const Place& place : layout_.places) set.wells.push_back(read(place));
    return set;
  }

 private:
  plate::Well read(const Place& place) {
    const PlannedPlate& on = layout_.plates[place.plate];
    plate::Well well = planned_well(design_, on, place);
    well.reading = plate::Reading::measured;
    print(well, signal(place, on));
    return well;
  }

  void print(plate::Well& well, double signal) const {
    well.signal = signal;
    if (signal > noise_.saturation) {  // false where saturation is unknown
      well.reading = plate::Reading::saturated;
      well.signal = noise_.saturation;
      well.printed = "OVRFLW";
    }
  }

  double signal(const Place& place, const PlannedPlate& on) {
    Name who;
    who.add(on.info.name)
        .add(static_cast<std::uint64_t>(place.role))
        .add(design_.lines[place.line]);
    if (place.role == Role::sample) who.add(design_.drugs[place.drug]).add(place.dose_nM);
    who.add(static_cast<std::uint64_t>(place.technical));
    Stream error = stream(seed_, Draw::well_error, who);
    const double proportional = 1.0 + noise_.proportional * error.normal();
    const double additive = noise_.additive * error.normal();
    const double net = place.role == Role::blank ? 0.0 : net_signal(place, on) * outlier(who);
    return truth_.blank_signal + net * proportional + additive;
  }

  double net_signal(const Place& place, const PlannedPlate& on) {
    const auto repeat = static_cast<std::uint64_t>(on.repeat);
    const std::string& line = design_.lines[place.line];
    const double day = mean_one(stream(seed_, Draw::repeat_level, Name().add(line).add(repeat)),
                                noise_.repeat_vehicle_percent);
    const double plate =
        mean_one(stream(seed_, Draw::plate_level, Name().add(on.info.name)), noise_.plate_percent);
    return truth_.vehicle_signal * day * plate * viability(place, on) *
           place_effect(place.position, place_percents(on));
  }

  double viability(const Place& place, const PlannedPlate& on) {
    switch (place.role) {
      case Role::sample: {
        const CurveOfDay& day = curve_of_day(place.line, place.drug, on.repeat);
        return dose_response::value(*day.curve,
                                    day.actual_dose.at(place.dose_nM) * day.dose_factor);
      }
      case Role::positive:
        return truth_.positive_viability;
      case Role::day0:
        return std::exp2(-design_.time_h / doubling_h_.at(design_.lines[place.line]));
      default:
        return 1.0;
    }
  }

  const CurveOfDay& curve_of_day(std::size_t line, std::size_t drug, int repeat) {
    auto [at, is_new] = days_.try_emplace({line, drug, repeat});
    if (!is_new) return at->second;
    Name who;
    who.add(design_.lines[line]).add(design_.drugs[drug]).add(static_cast<std::uint64_t>(repeat));
    CurveOfDay& day = at->second;
    day.curve = curves_.at({design_.lines[line], design_.drugs[drug]});
    const double shift = noise_.repeat_log10_ic50 * stream(seed_, Draw::repeat_shift, who).normal();
    day.dose_factor = std::pow(10.0, -shift);
    double log_error = 0.0;  // a serial dilution: each step inherits the error of those above it
    for (const double dose : doses_of(design_, design_.drugs[drug])) {
      Name step = who;
      log_error += noise_.pipetting_percent / 100.0 *
                   stream(seed_, Draw::pipetting, step.add(dose)).normal();
      day.actual_dose[dose] = dose * std::exp(log_error);
    }
    return day;
  }

  struct PlacePercents {
    double edge, gradient;
  };

  [[nodiscard]] PlacePercents place_percents(const PlannedPlate& on) const {
    PlacePercents here{noise_.edge_percent, noise_.gradient_percent};
    for (const Noise::OnPlates& some : noise_.on_plates) {
      if (std::ranges::count(some.plates, on.info.name) == 0 &&
          std::ranges::count(some.repeats, on.repeat + 1) == 0) {
        continue;
      }
      if (!std::isnan(some.edge_percent)) here.edge = some.edge_percent;
      if (!std::isnan(some.gradient_percent)) here.gradient = some.gradient_percent;
    }
    return here;
  }

  [[nodiscard]] double place_effect(plate::Position p, PlacePercents here) const {
    const plate::Format& f = design_.format;
    const bool edge =
        p.row == 0 || p.column == 0 || p.row == f.rows - 1 || p.column == f.columns - 1;
    const double across =
        f.columns > 1 ? static_cast<double>(p.column) / (f.columns - 1) - 0.5 : 0.0;
    return (edge ? 1.0 + here.edge / 100.0 : 1.0) * (1.0 + here.gradient / 100.0 * across);
  }

  [[nodiscard]] double outlier(const Name& who) const {
    Stream s = stream(seed_, Draw::outlier, who);
    if (s.uniform() >= noise_.outlier_rate) return 1.0;
    return s.uniform() < 0.5 ? 0.5 : 1.5;
  }

  const Design& design_;
  const Truth& truth_;
  const Noise& noise_;
  Seed seed_;
  Layout layout_;
  std::map<std::pair<std::string, std::string>, const Curve*> curves_;
  std::map<std::string, double> doubling_h_;
  std::map<std::tuple<std::size_t, std::size_t, int>, CurveOfDay> days_;
};

}  // namespace

plate::PlateSet planned_plates(const Design& design, Seed seed) {
  if (const Problems problems = check(design); has_errors(problems)) {
    throw UsageError("these plates cannot be laid out:\n" + describe(problems));
  }
  const Layout layout = lay_out(design, seed);
  plate::PlateSet set = empty_set(layout);
  for (const Place& p : layout.places) {
    set.wells.push_back(planned_well(design, layout.plates[p.plate], p));
  }
  return set;
}

plate::PlateSet simulate(const Design& design, const Truth& truth, const Noise& noise, Seed seed) {
  if (const Problems problems = check(design, truth, noise); has_errors(problems)) {
    throw UsageError("this virtual experiment cannot be run:\n" + describe(problems));
  }
  return Bench(design, truth, noise, seed).run();
}

}  // namespace kinescape::viability
