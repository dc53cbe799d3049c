// SPDX-License-Identifier: Apache-2.0
// Virtual plates of the viability room, judged by the plate room.
#include "plate/quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "viability/design.hpp"

namespace kinescape {
namespace {

using dose_response::Parameter;

struct Lab {
  viability::Design design;
  viability::Truth truth;
  viability::Noise noise;
};

Lab lab(plate::Format format, bool shared) {
  Lab l;
  l.design.format = format;
  l.design.lines = {"P", "R"};
  l.design.drugs = {"drug A", "drug B"};
  l.design.doses_nM = {1, 3, 10, 30, 100, 300, 1000, 3000};
  l.design.wells_per_dose = format.wells() > 96 ? 6 : 2;
  l.design.repeats = 2;
  l.design.randomise_wells = true;
  l.design.lines_share_plates = shared;
  for (const auto& line : l.design.lines) {
    for (const auto& drug : l.design.drugs) {
      viability::TrueCurve t{line, drug, {}};
      t.curve.shape = dose_response::Shape::log_logistic4;
      t.curve[Parameter::log10_ec50] = line == "P" ? 1.5 : 3.0;
      t.curve[Parameter::hill_slope] = 1.2;
      t.curve[Parameter::top] = 1.0;
      t.curve[Parameter::bottom] = 0.05;
      l.truth.curves.push_back(t);
    }
  }
  return l;
}

TEST(QualityRecovery, HonestPlatesOfSeveralFormatsRejectAtTheirLevel) {
  for (const auto& [format, shared] : std::vector<std::pair<plate::Format, bool>>{
           {{8, 12}, true}, {{8, 12}, false}, {{16, 24}, true}}) {
    const Lab l = lab(format, shared);
    int plates = 0, edge = 0, row = 0, column = 0, drift = 0, flagged = 0, caution = 0;
    for (std::uint64_t seed = 0; plates < 1200; ++seed) {
      for (const auto& q : plate::assess(simulate(l.design, l.truth, l.noise, Seed{seed}))) {
        ++plates;
        edge += q.edge.p < 0.05;
        row += q.row.p < 0.05;
        column += q.column.p < 0.05;
        drift += q.drift.p < 0.05;
        flagged += !q.outliers.empty();
        caution += q.verdict != plate::Verdict::pass;
      }
    }
    const double sd = std::sqrt(plates * 0.05 * 0.95);
    for (const int n : {edge, row, column, drift}) EXPECT_NEAR(n, 0.05 * plates, 4.0 * sd);
    EXPECT_LE(flagged, 0.02 * plates);
    EXPECT_LE(caution, 0.06 * plates);
    RecordProperty("cautions_per_1000", 1000 * caution / plates);
  }
}

TEST(QualityRecovery, ATenPercentEdgeIsFoundOnMostPlatesOf96) {
  Lab l = lab({8, 12}, true);
  l.noise.edge_percent = -10.0;
  int plates = 0, found = 0;
  double sum = 0.0;
  for (std::uint64_t seed = 0; plates < 300; ++seed) {
    for (const auto& q : plate::assess(simulate(l.design, l.truth, l.noise, Seed{seed}))) {
      ++plates;
      found += q.edge.p < 0.01;
      sum += q.edge.percent;
    }
  }
  EXPECT_GE(found, 0.9 * plates);
  EXPECT_NEAR(sum / plates, -10.0, 0.7);
}

}  // namespace
}  // namespace kinescape
