// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "combination/design.hpp"

namespace kinescape::combination {
namespace {

enum : std::uint32_t { well_noise = 0x636f6d10, repeat_level, repeat_potency };

/// What a well holds, as the name of its draws.
std::uint64_t name_of(std::size_t line, int repeat, std::size_t a, std::size_t b, int well) {
  std::uint64_t who = line;
  who = who * 4096 + static_cast<std::uint64_t>(repeat);
  who = who * 64 + a;
  who = who * 64 + b;
  return who * 1024 + static_cast<std::uint64_t>(well);
}

struct Agents {
  double log10_shift_a = 0.0, log10_shift_b = 0.0, level = 1.0;
};

Agents repeat_of(const Noise& noise, Seed seed, std::size_t line, int repeat) {
  const std::uint64_t who = name_of(line, repeat, 0, 0, 0);
  Agents out;
  Stream level(seed, repeat_level, who), potency(seed, repeat_potency, who);
  const double sd = std::log1p(noise.repeat_vehicle_percent / 100.0);
  out.level = std::exp(sd * level.normal() - 0.5 * sd * sd);
  out.log10_shift_a = noise.repeat_log10_ic50 * potency.normal();
  out.log10_shift_b = noise.repeat_log10_ic50 * potency.normal();
  return out;
}

Problem refuse(std::string what, std::string fix) {
  return {{}, std::move(what), std::move(fix), Severity::error};
}

}  // namespace

std::string_view name(Together together) {
  switch (together) {
    case Together::musyc:
      return "musyc";
    case Together::hsa:
      return "hsa";
    case Together::bliss:
      return "bliss";
    case Together::loewe:
      return "loewe";
  }
  return "musyc";
}

double true_viability(const Truth& truth, double dose_a_nM, double dose_b_nM) {
  const MusycTruth& t = truth.agents;
  if (truth.together == Together::musyc) return musyc(t, dose_a_nM, dose_b_nM);
  const auto alone = [&](double dose, double end, double c, double h) {
    return dose > 0.0 ? end + (t.e0 - end) / (1.0 + std::pow(dose / c, h)) : t.e0;
  };
  const double a = alone(dose_a_nM, t.e1, t.c1_nM, t.h1), b = alone(dose_b_nM, t.e2, t.c2_nM, t.h2);
  if (!(dose_a_nM > 0.0) || !(dose_b_nM > 0.0)) return dose_a_nM > 0.0 ? a : b;
  if (truth.together == Together::hsa) return std::min(a, b);
  if (truth.together == Together::bliss) return a * b / t.e0;
  const double y = loewe_viability({{t.e0, t.e1, t.c1_nM, t.h1}, {t.e0, t.e2, t.c2_nM, t.h2}},
                                   {dose_a_nM, dose_b_nM});
  // Past the weaker agent's end its doses add nothing.
  return std::isnan(y) ? std::min(a, b) : y;
}

Problems check(const Design& design, const std::vector<Truth>& truths, const Noise& noise) {
  Problems out;
  const auto rising = [](const std::vector<double>& d) {
    return !d.empty() && d.front() > 0.0 && std::is_sorted(d.begin(), d.end()) &&
           std::adjacent_find(d.begin(), d.end()) == d.end();
  };
  if (!rising(design.doses_a_nM) || !rising(design.doses_b_nM)) {
    out.push_back(refuse("the doses of a drug are missing, not positive, or twice the same",
                         "Give doses_nM, or top_dose_nM, dilution and doses, of both drugs."));
  }
  if (design.doses_a_nM.size() > 60 || design.doses_b_nM.size() > 60) {
    out.push_back(refuse("more than 60 doses of a drug", "Fewer doses fit a plate."));
  }
  if (design.lines.empty()) out.push_back(refuse("no line is named", "Add a [[line]] block."));
  if (design.repeats < 1 || design.wells_per_pair < 1 || design.vehicle_wells < 1) {
    out.push_back(refuse("repeats, wells_per_pair and vehicle_wells must be at least 1",
                         "A plate without vehicle wells cannot be normalised."));
  }
  if (design.drug_a == design.drug_b) {
    out.push_back(refuse("both drugs bear one name", "Name them apart."));
  }
  const auto n = (design.doses_a_nM.size() + 1) * (design.doses_b_nM.size() + 1) *
                     static_cast<std::size_t>(std::max(1, design.wells_per_pair)) +
                 static_cast<std::size_t>(std::max(0, design.vehicle_wells + design.blank_wells));
  if (n > 1536) {
    out.push_back(refuse("a repeat needs " + std::to_string(n) + " wells, more than a plate has",
                         "Fewer doses, or fewer wells a pair."));
  }
  for (const std::string& line : design.lines) {
    const auto same = [&](const Truth& t) { return t.line == line; };
    if (std::none_of(truths.begin(), truths.end(), same)) {
      out.push_back(refuse("nothing is said to be true of line \"" + line + "\"",
                           "Add a [[truth]] block for it."));
    }
  }
  for (const Truth& t : truths) {
    const MusycTruth& a = t.agents;
    if (!(a.c1_nM > 0 && a.c2_nM > 0 && a.h1 > 0 && a.h2 > 0 && a.alpha_12 > 0 && a.alpha_21 > 0 &&
          a.gamma_12 > 0 && a.gamma_21 > 0)) {
      out.push_back(
          refuse("a potency, slope, alpha or gamma of line \"" + t.line + "\" is not positive",
                 "Give positive numbers."));
    }
  }
  if (!(noise.vehicle_signal > 0.0) || noise.additive < 0.0 || noise.proportional < 0.0) {
    out.push_back(refuse("the noise or the vehicle signal is negative", "Give 0 or more."));
  }
  return out;
}

plate::PlateSet simulate(const Design& design,
                         const std::vector<Truth>& truths,
                         const Noise& noise,
                         Seed seed) {
  const Problems problems = check(design, truths, noise);
  if (has_errors(problems)) throw UsageError(problems.front().what);
  plate::PlateSet out;
  std::vector<double> a{0.0}, b{0.0};
  a.insert(a.end(), design.doses_a_nM.begin(), design.doses_a_nM.end());
  b.insert(b.end(), design.doses_b_nM.begin(), design.doses_b_nM.end());
  const int wells = static_cast<int>(a.size() * b.size()) * design.wells_per_pair +
                    design.vehicle_wells - design.wells_per_pair + design.blank_wells;
  plate::Format format{32, 48};
  for (const int size : {96, 384, 1536}) {
    if (wells > size) continue;
    format = plate::format_with(size).value();
    break;
  }
  for (std::size_t line = 0; line < design.lines.size(); ++line) {
    const Truth& truth = *std::find_if(
        truths.begin(), truths.end(), [&](const Truth& t) { return t.line == design.lines[line]; });
    for (int r = 0; r < design.repeats; ++r) {
      const Agents of = repeat_of(noise, seed, line, r);
      const std::string plate = design.lines[line] + " " + std::to_string(r + 1);
      out.plates.push_back({plate, format, "", ""});
      int placed = 0;
      const auto add = [&](plate::Role role, std::size_t i, std::size_t j, int well) {
        plate::Well w;
        w.plate = plate;
        w.position = {placed / format.columns, placed % format.columns};
        w.placed = true;
        ++placed;
        w.role = role;
        w.line = design.lines[line];
        w.repeat = std::to_string(r + 1);
        w.time_h = design.time_h;
        double v = 0.0;
        if (role != plate::Role::blank) {
          v = true_viability(truth,
                             a[i] * std::pow(10.0, -of.log10_shift_a),
                             b[j] * std::pow(10.0, -of.log10_shift_b));
        }
        if (role == plate::Role::sample) {
          w.drug = design.drug_a;
          w.dose_nM = a[i];
          w.drug_b = design.drug_b;
          w.dose_b_nM = b[j];
        }
        const int kind = role == plate::Role::blank ? 512 : 0;
        Stream draw(seed, well_noise, name_of(line, r, i, j, well + kind));
        const double net =
            noise.vehicle_signal * of.level *
            (v * (1.0 + noise.proportional * draw.normal()) + noise.additive * draw.normal());
        w.signal = noise.blank_signal + net;
        out.wells.push_back(std::move(w));
      };
      for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
          if (i == 0 && j == 0) continue;
          for (int w = 0; w < design.wells_per_pair; ++w) add(plate::Role::sample, i, j, w);
        }
      }
      for (int w = 0; w < design.vehicle_wells; ++w) add(plate::Role::vehicle, 0, 0, w);
      for (int w = 0; w < design.blank_wells; ++w) add(plate::Role::blank, 0, 0, w);
    }
  }
  return out;
}

}  // namespace kinescape::combination
