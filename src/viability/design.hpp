// SPDX-License-Identifier: Apache-2.0
/// \file The other direction: from a design and a truth to the plates a reader would print.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/stream.hpp"
#include "dose_response/curve.hpp"
#include "plate/plate.hpp"

namespace kinescape::viability {

/// What was planned: one entry per treated (line, drug), laid out on plates of one format.
struct Design {
  plate::Format format{8, 12};
  std::vector<std::string> lines, drugs;
  std::vector<double> doses_nM;  ///< Shared by all drugs unless doses_of gives others.
  struct DrugDoses {
    std::string drug;
    std::vector<double> doses_nM;
  };
  std::vector<DrugDoses> doses_of;
  int wells_per_dose = 3;  ///< Technical wells.
  int repeats = 3;         ///< Biological repeats, each on its own day.
  int vehicle_wells = 6, blank_wells = 3, positive_wells = 0, day0_wells = 0;
  bool leave_edge_empty = false;
  bool randomise_wells = false;     ///< Treatments at random places, by the seed.
  bool lines_share_plates = false;  ///< All lines on each plate, instead of plates of one line.
  double time_h = 72.0;
  std::string channel = "490 nm";
};

/// What is true for one line and drug.
struct TrueCurve {
  std::string line, drug;
  dose_response::Curve curve;  ///< Fraction of vehicle.
};

/// What is true in a virtual experiment.
struct Truth {
  std::vector<TrueCurve> curves;
  struct LineTruth {
    std::string line;
    double doubling_time_h = unknown;
  };
  std::vector<LineTruth> lines;
  double vehicle_signal = 1.6;  ///< Net of blank, at the end.
  double blank_signal = 0.08;
  double positive_viability = 0.02;  ///< What the kill control leaves, fraction of vehicle.
};

/// How the instrument and the hands blur it. All spreads are standard deviations.
struct Noise {
  double additive = 0.01;                ///< Of the signal, in reader units.
  double proportional = 0.05;            ///< Of the net signal, per well.
  double repeat_log10_ic50 = 0.08;       ///< Between repeats, per curve.
  double repeat_vehicle_percent = 10.0;  ///< Between repeats, per line: the vehicle signal.
  double plate_percent = 2.0;            ///< Between plates of one repeat: all net signals.
  double pipetting_percent = 3.0;        ///< Of each dose step, per repeat and curve.
  double edge_percent = 0.0;      ///< Signal of edge wells against the rest (a shift, not an SD).
  double gradient_percent = 0.0;  ///< Left to right, over the plate (a shift, not an SD).
  double outlier_rate = 0.0;      ///< Share of wells multiplied by 0.5 or 1.5.
  double saturation = unknown;    ///< Signals above print as the instrument's overflow word.
  /// What befell some plates only: on these its place terms stand in for those above.
  struct OnPlates {
    std::vector<std::string> plates;  ///< By name, as planned_plates() names them.
    std::vector<int> repeats;         ///< All plates of these days, from 1.
    double edge_percent = unknown, gradient_percent = unknown;  ///< Unknown: as on the others.
  };
  std::vector<OnPlates> on_plates;  ///< Of several that hold for a plate the last one counts.
};

/// A virtual experiment: signal = blank + net + additive error, where
/// net = vehicle x repeat x plate x curve(actual dose) x edge x gradient x proportional error.
/// Repeat and plate factors are log-normal with mean 1. A dilution series starts at its highest
/// dose and hands each step's pipetting error on to all lower doses. Each draw is named by what the
/// well holds (plate, treatment, technical well), so that adding a drug, a line or a repeat moves
/// no other number. Plates and wells in reading order. Throws UsageError where check() has errors.
[[nodiscard]] plate::PlateSet simulate(const Design& design,
                                       const Truth& truth,
                                       const Noise& noise,
                                       Seed seed);

/// The same plates before anything is read: every well with its plan, none with a signal. What to
/// print for the bench, and what a plate map says.
[[nodiscard]] plate::PlateSet planned_plates(const Design& design, Seed seed);

/// All violations of what a design, truth and noise must satisfy.
[[nodiscard]] Problems check(const Design& design);
[[nodiscard]] Problems check(const Design& design, const Truth& truth, const Noise& noise);

}  // namespace kinescape::viability
