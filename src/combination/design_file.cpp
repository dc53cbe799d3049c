// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/toml.hpp"
#include "combination/design.hpp"
#include "plate/dose_series.hpp"

namespace kinescape::combination {
namespace {

void read_drug(TomlReader drug, std::string& name, std::vector<double>& doses) {
  name = drug.required_text("name");
  doses = plate::read_dose_series(drug, 7);
  drug.finish();
}

Truth read_truth(TomlReader& block) {
  Truth out;
  out.line = block.required_text("line");
  const std::string together = block.text("model", "musyc");
  bool known = false;
  for (const Together t : {Together::musyc, Together::hsa, Together::bliss, Together::loewe}) {
    if (together != name(t)) continue;
    out.together = t;
    known = true;
  }
  if (!known) {
    block.problem("model",
                  "model = \"" + printable(together) + "\" is not known",
                  "Allowed: \"musyc\", \"bliss\", \"loewe\", \"hsa\".");
  }
  MusycTruth& a = out.agents;
  a.c1_nM = block.required_number("ic50_a_nM", 1e-9, 1e12);
  a.c2_nM = block.required_number("ic50_b_nM", 1e-9, 1e12);
  a.h1 = block.number("hill_slope_a", 1.0, 0.05, 20.0);
  a.h2 = block.number("hill_slope_b", 1.0, 0.05, 20.0);
  a.e1 = block.number("emax_a", 0.0, 0.0, 2.0);
  a.e2 = block.number("emax_b", 0.0, 0.0, 2.0);
  a.e3 = std::min(a.e1, a.e2);
  if (out.together == Together::musyc) {
    a.e3 = block.number("emax_ab", a.e3, 0.0, 2.0);
    a.alpha_12 = block.number("alpha_12", 1.0, 1e-6, 1e6);
    a.alpha_21 = block.number("alpha_21", 1.0, 1e-6, 1e6);
    a.gamma_12 = block.number("gamma_12", 1.0, 0.01, 100.0);
    a.gamma_21 = block.number("gamma_21", 1.0, 0.01, 100.0);
  }
  block.finish();
  return out;
}

}  // namespace

Checked<VirtualExperiment> read_design(std::string_view bytes, const std::string& file) {
  Checked<VirtualExperiment> out;
  auto parsed = parse_toml(bytes, file);
  append(out.problems, std::move(parsed.problems));
  if (!out.ok()) return out;
  TomlReader top(parsed.value, file, "", out.problems);
  auto& [design, truths, noise, seed] = out.value;
  if (top.has("seed")) {
    const double value = top.number("seed", 0.0, 0.0, 9007199254740992.0);
    if (value >= 0.0) seed = Seed{static_cast<std::uint64_t>(value)};
  }
  TomlReader plan = top.table("design");
  design.repeats = plan.integer("repeats", design.repeats, 1, 1000);
  design.wells_per_pair = plan.integer("wells_per_pair", design.wells_per_pair, 1, 100);
  design.vehicle_wells = plan.integer("vehicle_wells", design.vehicle_wells, 1, 500);
  design.blank_wells = plan.integer("blank_wells", design.blank_wells, 0, 500);
  design.time_h = plan.number("time_h", design.time_h, 0.0, 10000.0);
  plan.finish();
  for (TomlReader& line : top.tables("line")) {
    design.lines.push_back(line.required_text("name"));
    line.finish();
  }
  read_drug(top.table("drug_a"), design.drug_a, design.doses_a_nM);
  read_drug(top.table("drug_b"), design.drug_b, design.doses_b_nM);
  for (TomlReader& block : top.tables("truth")) truths.push_back(read_truth(block));
  TomlReader blur = top.table("noise");
  const auto take = [&](std::string_view key, double& value, double high) {
    value = blur.number(key, value, 0.0, high);
  };
  take("additive", noise.additive, 1.0);
  take("proportional", noise.proportional, 1.0);
  take("repeat_log10_ic50", noise.repeat_log10_ic50, 3.0);
  take("repeat_vehicle_percent", noise.repeat_vehicle_percent, 100.0);
  take("vehicle_signal", noise.vehicle_signal, 1e9);
  take("blank_signal", noise.blank_signal, 1e9);
  blur.finish();
  top.finish();
  if (out.ok()) {
    for (Problem& p : check(design, truths, noise)) {
      p.where.file = file;
      out.problems.push_back(std::move(p));
    }
  }
  return out;
}

}  // namespace kinescape::combination
