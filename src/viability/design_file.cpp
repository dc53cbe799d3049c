// SPDX-License-Identifier: Apache-2.0
#include "viability/design_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/number.hpp"
#include "base/toml.hpp"
#include "plate/dose_series.hpp"

namespace kinescape::viability {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

void read_layout(TomlReader design, Design& out) {
  const int wells = design.integer("plate_wells", 96, 6, 1536);
  if (const auto format = plate::format_with(wells)) {
    out.format = *format;
  } else {
    design.problem("plate_wells",
                   fmt::format("no standard plate has {} wells", wells),
                   "Allowed: 6, 12, 24, 48, 96, 384, 1536.");
  }
  out.repeats = design.integer("repeats", out.repeats, 1, 1000);
  out.wells_per_dose = design.integer("wells_per_dose", out.wells_per_dose, 1, 100);
  out.vehicle_wells = design.integer("vehicle_wells", out.vehicle_wells, 0, 1536);
  out.blank_wells = design.integer("blank_wells", out.blank_wells, 0, 1536);
  out.positive_wells = design.integer("positive_wells", out.positive_wells, 0, 1536);
  out.day0_wells = design.integer("day0_wells", out.day0_wells, 0, 1536);
  out.leave_edge_empty = design.boolean("leave_edge_empty", out.leave_edge_empty);
  out.randomise_wells = design.boolean("randomise_wells", out.randomise_wells);
  out.time_h = design.number("time_h", out.time_h, 0.0, 10000.0);
  out.channel = design.text("channel", out.channel);
  design.finish();
}

TrueCurve read_truth(TomlReader truth) {
  using dose_response::Parameter;
  TrueCurve out;
  out.line = truth.required_text("line");
  out.drug = truth.required_text("drug");
  auto& curve = out.curve;
  if (truth.boolean("no_response", false)) {
    curve.shape = dose_response::Shape::flat;
  } else {
    curve.shape = dose_response::Shape::log_logistic4;
    const double ic50_nM = truth.required_number("ic50_nM", 1e-9, 1e12);
    curve[Parameter::log10_ec50] = std::log10(ic50_nM);
    curve[Parameter::hill_slope] = truth.number("hill_slope", 1.0, 0.05, 20.0);
    curve[Parameter::bottom] = truth.number("emax", 0.0, 0.0, 2.0);
  }
  truth.finish();
  return out;
}

void read_noise(TomlReader noise, Noise& out) {
  auto take = [&](std::string_view key, double& value, double low, double high) {
    value = noise.number(key, value, low, high);
  };
  take("additive", out.additive, 0.0, infinite);
  take("proportional", out.proportional, 0.0, 1.0);
  take("repeat_log10_ic50", out.repeat_log10_ic50, 0.0, 3.0);
  take("repeat_vehicle_percent", out.repeat_vehicle_percent, 0.0, 100.0);
  take("pipetting_percent", out.pipetting_percent, 0.0, 100.0);
  take("edge_percent", out.edge_percent, -90.0, 500.0);
  take("gradient_percent", out.gradient_percent, -90.0, 500.0);
  take("outlier_rate", out.outlier_rate, 0.0, 0.5);
  take("saturation", out.saturation, 0.0, infinite);
  for (TomlReader& some : noise.tables("on_plates")) {
    Noise::OnPlates on;
    on.plates = some.texts("plates");
    for (const double day : some.numbers("repeats", 1.0, 1000.0)) {
      if (std::isnan(day)) continue;  // reported by the reader
      on.repeats.push_back(static_cast<int>(day));
      if (day == on.repeats.back()) continue;
      some.problem("repeats", "found " + exact(day), "Days are whole numbers, counted from 1.");
    }
    on.edge_percent = some.number("edge_percent", unknown, -90.0, 500.0);
    on.gradient_percent = some.number("gradient_percent", unknown, -90.0, 500.0);
    some.finish();
    out.on_plates.push_back(std::move(on));
  }
  noise.finish();
}

}  // namespace

Checked<VirtualExperiment> read_design(std::string_view bytes, const std::string& file) {
  Checked<VirtualExperiment> out;
  auto parsed = parse_toml(bytes, file);
  append(out.problems, std::move(parsed.problems));
  if (!out.ok()) return out;
  TomlReader top(parsed.value, file, "", out.problems);
  auto& [design, truth, noise, seed] = out.value;
  if (top.has("seed")) {
    const double value = top.number("seed", 0.0, 0.0, 9007199254740992.0);
    if (value >= 0.0) seed = Seed{static_cast<std::uint64_t>(value)};
  }
  read_layout(top.table("design"), design);
  for (TomlReader& line : top.tables("line")) {
    design.lines.push_back(line.required_text("name"));
    truth.lines.push_back(
        {design.lines.back(), line.number("doubling_time_h", unknown, 1.0, 10000.0)});
    line.finish();
  }
  for (TomlReader& drug : top.tables("drug")) {
    design.drugs.push_back(drug.required_text("name"));
    design.doses_of.push_back({design.drugs.back(), plate::read_dose_series(drug, 8)});
    drug.finish();
  }
  for (TomlReader& one : top.tables("truth")) truth.curves.push_back(read_truth(std::move(one)));
  read_noise(top.table("noise"), noise);
  TomlReader signal = top.table("signal");
  truth.vehicle_signal = signal.number("vehicle", truth.vehicle_signal, 1e-9, infinite);
  truth.blank_signal = signal.number("blank", truth.blank_signal, 0.0, infinite);
  signal.finish();
  top.finish();
  if (out.ok()) {
    for (Problem& p : check(design, truth, noise)) {
      if (p.where.file.empty()) p.where.file = file;
      out.problems.push_back(std::move(p));
    }
  }
  return out;
}

}  // namespace kinescape::viability
