// SPDX-License-Identifier: Apache-2.0
#include "immunoblot_print.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "base/number.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace immunoblot_print_verbs {

std::string treatment_of(const std::string& line, const std::string& drug, double dose_nM) {
  std::string out = line.empty() ? "the only line" : line;
  if (dose_nM > 0.0) out += ", " + drug + " " + rounded(dose_nM) + " nM";
  return out;
}

/// "2.1 (1.8 to 2.4) h", or in words why there is no number.
std::string with_unit(const Estimated& e, const char* unit) {
  if (std::isnan(e.value)) return shown(e) + (e.why.empty() ? "" : " (" + e.why + ")");
  return shown(e) + unit;
}

void print_ratios(const immunoblot::Estimate& estimate) {
  for (const auto& r : estimate.ratios) {
    std::printf("%s/%s  lane %-3d %-12s %-12s %8s nM  %s\n",
                r.target.c_str(),
                r.reference.c_str(),
                r.lane,
                r.line.c_str(),
                r.drug.c_str(),
                rounded(r.dose_nM).c_str(),
                shown(r.ratio).c_str());
  }
  if (!estimate.folds.empty()) std::printf("\n");
  for (const auto& f : estimate.folds) {
    std::printf("%s/%s of %s%s, against %s: %s fold%s%s\n",
                f.target.c_str(),
                f.reference.c_str(),
                treatment_of(f.line, f.drug, f.dose_nM).c_str(),
                std::isnan(f.time_h) ? "" : (" after " + rounded(f.time_h) + " h").c_str(),
                f.against.c_str(),
                shown(f.fold).c_str(),
                f.call == immunoblot::Call::cannot_say ? "" : ", ",
                f.call == immunoblot::Call::cannot_say
                    ? ""
                    : std::string(immunoblot::name(f.call)).c_str());
  }
  for (const auto& s : estimate.series) {
    std::printf("%s/%s of %s, %s: half is left at %s\n",
                s.target.c_str(),
                s.reference.c_str(),
                s.line.c_str(),
                s.drug.c_str(),
                with_unit(s.ic50_nM, " nM").c_str());
  }
}

/// A probability to three decimals.
std::string chance(double p) {
  return std::isnan(p) ? "not known" : fmt::format("{:.3f}", p);
}

void print_more(const immunoblot::Estimate& estimate) {
  for (const auto& c : estimate.courses) {
    std::printf("%s/%s of %s: half is left after %s, half is back after %s\n",
                c.target.c_str(),
                c.reference.c_str(),
                treatment_of(c.line, c.drug, c.dose_nM).c_str(),
                with_unit(c.half_life_h, " h").c_str(),
                with_unit(c.return_h, " h").c_str());
  }
  for (const auto& r : estimate.ranges) {
    std::printf("%s: signals are proportional to the load up to %s counts\n",
                r.antibody.c_str(),
                shown(r.highest_counts).c_str());
  }
  for (const auto& r : estimate.readings) {
    std::printf("%s%s: %s (%s/%s off %s, on target %s, bypass at least %s)\n",
                treatment_of(r.line, r.drug, r.dose_nM).c_str(),
                std::isnan(r.time_h) ? "" : (" after " + rounded(r.time_h) + " h").c_str(),
                std::string(immunoblot::name(r.mechanism)).c_str(),
                r.target.c_str(),
                r.reference.c_str(),
                chance(r.p_target_off).c_str(),
                chance(r.p_on_target).c_str(),
                chance(r.p_bypass).c_str());
  }
}

void print_bands(const immunoblot::Estimate& estimate) {
  for (const auto& image : estimate.images) {
    const auto& m = image.measured;
    std::printf("%s: %zu strips, %zu lanes, %zu bands\n",
                image.file.c_str(),
                m.layout.strips.size(),
                m.lanes.size(),
                m.bands.size());
    std::printf("%5s %5s %5s  %-36s %s\n",
                "strip",
                "lane",
                "band",
                "volume (95 %)",
                "choice of background, fold");
    for (const auto& b : m.bands) {
      std::printf("%5d %5d %5d  %-36s %s\n",
                  b.where.strip,
                  b.where.lane,
                  b.where.band,
                  shown(b.volume).c_str(),
                  std::isnan(b.choice_fold) ? "-" : rounded(b.choice_fold).c_str());
    }
  }
}

}  // namespace immunoblot_print_verbs

void print_blots(const immunoblot::Estimate& estimate) {
  immunoblot_print_verbs::print_bands(estimate);
  immunoblot_print_verbs::print_ratios(estimate);
  immunoblot_print_verbs::print_more(estimate);
}

}  // namespace kinescape::cli
