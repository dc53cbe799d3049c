// SPDX-License-Identifier: Apache-2.0
// Real blots and gels with known or published values (their sources: the README beside them), and a
// real standard curve against R.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "immunoblot/estimate.hpp"
#include "immunoblot/measure.hpp"
#include "immunoblot/protein.hpp"
#include "shared_data.hpp"

namespace kinescape::immunoblot {
namespace {

Measured measured(const std::filesystem::path& path) {
  const auto bytes = read_file(path.string());
  const auto image = read_image(bytes.value, path.string());
  EXPECT_TRUE(image.ok());
  const auto layout = find_layout(image.value, path.string());
  EXPECT_TRUE(layout.ok());
  return measure(image.value, layout.value);
}

Grid grid(const std::filesystem::path& path) {
  return read_csv(read_file(path.string()).value, path.string()).value;
}

double number(const Grid& g, std::size_t row, std::size_t column) {
  return parse_number(g.at(row, column)).value;
}

// Vendor masses of the NEB 1 kb Plus ladder (N0550), four equal lanes.
TEST(Immunoblot, LadderMassesAreMetWithoutASettingForTheImage) {
  const auto folder = tests::shared_data("blot");
  if (!folder) GTEST_SKIP() << "no reference data beside the checkout";
  const Measured m = measured(*folder / "neb_1kbplus_ladder_4lanes.tif");
  ASSERT_EQ(m.layout.strips.size(), 1U);
  ASSERT_EQ(m.lanes.size(), 4U);
  const Grid truth = grid(*folder / "neb_1kbplus_ladder_truth.csv");
  std::map<int, std::map<int, double>> off;  // lane -> band -> log(volume / mass)
  std::map<int, std::map<int, double>> volume;
  for (std::size_t r = 1; r < truth.rows(); ++r) {
    if (truth.blank(r) || truth.at(r, 6).empty()) continue;
    const int lane = int(number(truth, r, 0)), band = int(number(truth, r, 3));
    const double mass = number(truth, r, 5), y = number(truth, r, 6);
    const BandResult* nearest = nullptr;
    for (const BandResult& b : m.bands) {
      if (b.where.lane != lane || std::abs(b.where.centre - y) > 7.0) continue;
      if (nearest == nullptr || std::abs(b.where.centre - y) < std::abs(nearest->where.centre - y))
        nearest = &b;
    }
    ASSERT_NE(nearest, nullptr) << "lane " << lane << " band " << band;
    ASSERT_TRUE(nearest->volume.exact());
    volume[lane][band] = nearest->volume.value;
    off[lane][band] = std::log(nearest->volume.value / mass);
  }
  const auto rms = [&](int last) {
    double sum = 0.0, n = 0.0;
    for (const auto& [lane, bands] : off) {
      double mean = 0.0, k = 0.0;
      for (const auto& [band, d] : bands) {
        if (band <= last) mean += d, k += 1.0;
      }
      mean /= k;
      for (const auto& [band, d] : bands) {
        if (band <= last) sum += (d - mean) * (d - mean), n += 1.0;
      }
    }
    return std::sqrt(sum / n);
  };
  EXPECT_LE(rms(10), 0.09);
  EXPECT_LE(rms(19), 0.15);
  // Lanes differ by 4 to 5 % as wholes whatever the background (boxes with none: 4.9 %); what the
  // measuring adds is how a band's share of its lane's ten upper bands varies between lanes.
  double cv = 0.0;
  for (int band = 1; band <= 10; ++band) {
    double mean = 0.0, squares = 0.0;
    std::vector<double> shares;
    for (const auto& [lane, bands] : volume) {
      double whole = 0.0;
      for (int b = 1; b <= 10; ++b) whole += bands.at(b);
      shares.push_back(bands.at(band) / whole);
    }
    for (const double s : shares) mean += s / double(shares.size());
    for (const double s : shares) squares += (s - mean) * (s - mean);
    cv += std::sqrt(squares / double(shares.size() - 1)) / mean / 10.0;
  }
  EXPECT_LE(cv, 0.018);
  RecordProperty("lane_cv_upper_10", std::to_string(cv));
  RecordProperty("rms_upper_10", std::to_string(rms(10)));
  RecordProperty("rms_all_15", std::to_string(rms(19)));
}

struct Expected {
  const char* file;
  std::vector<int> lanes;  ///< Of each strip, top to bottom, counted by eye.
};

TEST(Immunoblot, EveryStripAndLaneOfThePublishedBlotsIsFound) {
  const auto folder = tests::shared_data("blot");
  if (!folder) GTEST_SKIP() << "no reference data beside the checkout";
  int extra = 0;
  for (const Expected& e : {Expected{"bAR_Oct8_B1ARtop_GAPDHbottom.tif", {9, 9}},
                            Expected{"bAR_July4_B1AR_10wtop_16wbottom.tif", {10, 9}},
                            Expected{"bAR_July4_B1AR_10wtop_16wbottom_GAPDH.tif", {10, 9}},
                            Expected{"bAR_May30_B1AR_10wtop_16wbottom.tif", {9, 9}},
                            Expected{"bAR_May30_B1AR_10wtop_16wbottom_GAPDH.tif", {9, 9}},
                            Expected{"bAR_June25_B3AR_10wtop_16wbottom.tif", {9, 9}},
                            Expected{"bAR_June25_B3AR_10wtop_16wbottom_GAPDH.tif", {9, 9}}}) {
    const Measured m = measured(*folder / e.file);
    ASSERT_EQ(m.layout.strips.size(), e.lanes.size()) << e.file;
    for (std::size_t s = 0; s < e.lanes.size(); ++s) {
      int n = 0;
      for (const LaneResult& l : m.lanes) n += l.where.strip == int(s) + 1;
      EXPECT_GE(n, e.lanes[s]) << e.file << " strip " << s + 1;
      extra += n - e.lanes[s];
    }
  }
  EXPECT_EQ(extra, 0);  // light pencil marks beside the lanes and smears are none
}

// Haley et al. 2015 (PMID 25996498): densities of the Oct 8 membranes and their group ratio.
TEST(Immunoblot, October8MembranesAgreeWithTheAuthorsDensities) {
  const auto folder = tests::shared_data("blot");
  if (!folder) GTEST_SKIP() << "no reference data beside the checkout";
  const Measured m = measured(*folder / "bAR_Oct8_B1ARtop_GAPDHbottom.tif");
  const auto strongest = [&](int strip, int lane) {
    double most = 0.0;
    for (const BandResult& b : m.bands) {
      if (b.where.strip == strip && b.where.lane == lane && b.volume.exact()) {
        most = std::max(most, b.volume.value);
      }
    }
    return most;
  };
  const Grid idv = grid(*folder / "bAR_published_idv.csv");
  std::vector<double> ours, theirs;
  std::map<std::string, std::map<int, std::map<std::string, double>>> by_group;
  for (std::size_t r = 1; r < idv.rows(); ++r) {
    if (idv.at(r, 0) != "B1AR" || idv.at(r, 2) != "Oct 8") continue;
    const std::string label(idv.at(r, 5)), membrane(idv.at(r, 3));
    const int printed = std::stoi(label.substr(0, label.size() - 1));
    // Label n of the target is image lane 10 - n; GAPDH is numbered on from there.
    const int lane = membrane == "target" ? 10 - printed : 10 - (printed - 9);
    const double v = strongest(membrane == "target" ? 1 : 2, lane);
    ours.push_back(v);
    theirs.push_back(number(idv, r, 6));
    by_group[std::string(idv.at(r, 4))][lane][membrane] = v;
  }
  ASSERT_EQ(ours.size(), 12U);
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < 12; ++i) mx += ours[i] / 12, my += theirs[i] / 12;
  for (std::size_t i = 0; i < 12; ++i) {
    const double a = ours[i] - mx, b = theirs[i] - my;
    xx += a * a, yy += b * b, xy += a * b;
  }
  EXPECT_GE(xy / std::sqrt(xx * yy), 0.97);
  std::map<std::string, double> mean;
  for (const auto& [group, lanes] : by_group) {
    for (const auto& [lane, v] : lanes)
      mean[group] += v.at("target") / v.at("GAPDH") / double(lanes.size());
  }
  EXPECT_NEAR(100.0 * mean["ZDF"] / mean["ZL"], 53.6, 5.0);
  // The same by the room's own ratios, three animals of either kind: the interval holds it.
  Estimate estimate;
  estimate.images.push_back({"oct8", m, {}});
  LaneSheet sheet;
  for (const auto& [group, lanes] : by_group) {
    for (const auto& [lane, v] : lanes) {
      for (int strip = 1; strip <= 2; ++strip) {
        LaneEntry e;
        e.strip = strip, e.lane = lane, e.antibody = strip == 1 ? "B1AR" : "GAPDH";
        e.line = group, e.sample = std::to_string(lane), e.dose_nM = 0.0;
        sheet.entries.push_back(e);
      }
    }
  }
  RatioOptions options;
  options.ratios = {"B1AR/GAPDH"};
  options.pairs = {{"ZDF", "ZL"}};
  ASSERT_TRUE(add_ratios(sheet, options, estimate).empty());
  ASSERT_EQ(estimate.folds.size(), 1U);
  const Estimated& fold = estimate.folds.front().fold;
  EXPECT_NEAR(fold.value, 0.536, 0.05);
  EXPECT_LT(fold.low, 0.536);
  EXPECT_GT(fold.high, 0.536);
}

// R 4.2, datasets::DNase runs 1 and 2: SSfpl of log concentration, and lm with Fieller's interval.
TEST(ProteinAssay, MeetsRsCurvesAndFiellersInterval) {
  const auto folder = tests::shared_data("xenograft-clinical");
  if (!folder) GTEST_SKIP() << "no reference data beside the checkout";
  const Grid dnase = grid(*folder / "stdcurve" / "DNase_runs1-5.csv");
  std::map<std::string, double> want;
  const Grid reference = grid(*folder / "reference" / "ref_stdcurve.csv");
  for (std::size_t r = 1; r < reference.rows(); ++r) {
    want[std::string(reference.at(r, 0)) + "|" + std::string(reference.at(r, 1))] =
        number(reference, r, 2);
  }
  for (const char* run : {"1", "2"}) {
    ProteinPlate all, low;
    for (std::size_t r = 1; r < dnase.rows(); ++r) {
      if (dnase.at(r, 0) != run) continue;
      ProteinWell w;
      w.role = ProteinWell::Role::standard;
      w.concentration_ug_per_ml = number(dnase, r, 1);
      w.absorbance = number(dnase, r, 2);
      all.wells.push_back(w);
      if (w.concentration_ug_per_ml <= 3.2) low.wells.push_back(w);
    }
    const std::string key = std::string("DNase_run") + run + "|";
    const auto curves = estimate_protein(all);
    ASSERT_TRUE(curves.ok());
    ProteinWell unknown_well;
    unknown_well.sample = "x";
    unknown_well.absorbance = 0.5;
    low.wells.push_back(unknown_well);
    ProteinOptions linear;
    linear.curve = "linear";
    linear.constant_variance = true;
    const auto line = estimate_protein(low, linear);
    ASSERT_TRUE(line.ok());
    const Estimated& x = line.value.samples.at(0).concentration_ug_per_ml;
    // The line is solved exactly; the ends are found by halving to nine digits.
    EXPECT_NEAR(x.value / want[key + "inverse_y0.5|x0"], 1.0, 1e-8);
    EXPECT_NEAR(x.low / want[key + "inverse_y0.5|fieller_lo"], 1.0, 1e-6);
    EXPECT_NEAR(x.high / want[key + "inverse_y0.5|fieller_hi"], 1.0, 1e-6);
    ProteinOptions logistic;
    logistic.curve = "4pl";
    logistic.constant_variance = true;
    const auto four = estimate_protein(all, logistic);
    ASSERT_TRUE(four.ok());
    const auto& p = four.value.curves.at(0).parameters;
    // R's nls stops at a relative offset of 1e-5: five digits of the parameters.
    EXPECT_NEAR(p[0], want[key + "4PL|A|est"], 1e-6);
    EXPECT_NEAR(p[1] / want[key + "4PL|B|est"], 1.0, 1e-5);
    EXPECT_NEAR(p[2] / want[key + "4PL|xmid|est"], 1.0, 1e-5);
    EXPECT_NEAR(1.0 / p[3] / want[key + "4PL|scal|est"], 1.0, 1e-5);
    EXPECT_NEAR(four.value.curves.at(0).residual_sd / want[key + "4PL|sigma"], 1.0, 1e-6);
  }
}

}  // namespace
}  // namespace kinescape::immunoblot
