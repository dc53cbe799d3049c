// SPDX-License-Identifier: Apache-2.0
// Linear ranges, loads, time courses and readings, against what their formulas give.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "immunoblot/look_up_internal.hpp"
#include "immunoblot/series_internal.hpp"

namespace kinescape::immunoblot {
namespace {

Estimated number_of(double value, double log_se) {
  Estimated e;
  e.value = value;
  e.low = value * (1.0 - 1.959963984540054 * log_se);
  e.high = value * (1.0 + 1.959963984540054 * log_se);
  e.status = Status::ok;
  return e;
}

/// One image of one strip and one band a lane with these volumes.
BlotImage image_of_volumes(const std::vector<double>& volumes) {
  BlotImage image;
  image.file = "a.tif";
  image.measured.layout.strips.push_back({1, {}, ""});
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    LaneResult l;
    l.where.strip = 1, l.where.lane = int(i) + 1;
    image.measured.lanes.push_back(l);
    BandResult b;
    b.where.strip = 1, b.where.lane = int(i) + 1, b.where.band = 1;
    b.volume = number_of(volumes[i], 0.01);
    image.measured.bands.push_back(b);
  }
  return image;
}

LaneEntry row(int lane, const std::string& antibody) {
  LaneEntry e;
  e.lane = lane, e.antibody = antibody;
  return e;
}

/// Six loads of one lysate, and a seventh lane with a sample of `sample` counts.
Estimate dilution(const std::function<double(double)>& signal, double sample) {
  std::vector<double> volumes;
  for (const double load : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) volumes.push_back(signal(load));
  volumes.push_back(sample);
  Estimate out;
  out.images.push_back(image_of_volumes(volumes));
  LaneSheet sheet;
  double load = 1.0;
  for (int lane = 1; lane <= 7; ++lane, load *= 2.0) {
    sheet.entries.push_back(row(lane, "T"));
    if (lane == 7) break;
    sheet.entries.back().role = LaneEntry::Role::dilution;
    sheet.entries.back().load_ug = load;
  }
  Problems problems;
  const auto found = look_up(sheet, out, problems);
  EXPECT_TRUE(problems.empty());
  apply_ranges(found, 0.95, out);
  return out;
}

TEST(LinearRange, EndsWhereATenthIsLost) {
  // v = c L / (1 + c L / s): v / (c L) = 0.9 at v = s / 10.
  const auto signal = [](double load) { return 1e5 * load / (1.0 + 1e5 * load / 2e6); };
  const Estimate e = dilution(signal, 1e6);
  ASSERT_EQ(e.ranges.size(), 1U);
  EXPECT_TRUE(e.ranges[0].saturates);
  EXPECT_NEAR(e.ranges[0].highest_counts.value / 2e5, 1.0, 1e-6);  // no noise: the fit is exact
  const BandResult& sample = e.images[0].measured.bands.back();
  EXPECT_EQ(sample.linear, LinearPlace::above);
  EXPECT_EQ(sample.volume.relation, Relation::greater);
  EXPECT_LT(sample.volume.value, 1e6);
  EXPECT_EQ(e.images[0].measured.bands.front().linear, LinearPlace::inside);
}

TEST(LinearRange, IsTheWholeSeriesWhereTheSignalIsProportional) {
  const double wobble[] = {1.02, 0.98, 1.01, 0.99, 1.02, 0.98};
  int i = 0;
  const Estimate e = dilution([&](double load) { return 1e5 * load * wobble[i++]; }, 0.5e5);
  EXPECT_FALSE(e.ranges[0].saturates);
  EXPECT_NEAR(e.ranges[0].slope.value, 1.0, 0.02);
  EXPECT_EQ(e.ranges[0].highest_counts.relation, Relation::greater);
  const BandResult& sample = e.images[0].measured.bands.back();
  EXPECT_EQ(sample.linear, LinearPlace::below);
  EXPECT_TRUE(sample.volume.exact());  // flagged, not a bound
}

TEST(LinearRange, ThreeLoadsAreTooFew) {
  Estimate e;
  e.images.push_back(image_of_volumes({1.0, 2.0, 4.0}));
  LaneSheet sheet;
  for (int lane = 1; lane <= 3; ++lane) {
    sheet.entries.push_back(row(lane, "T"));
    sheet.entries.back().role = LaneEntry::Role::dilution;
    sheet.entries.back().load_ug = lane;
  }
  Problems problems;
  apply_ranges(look_up(sheet, e, problems), 0.95, e);
  EXPECT_EQ(e.ranges.at(0).highest_counts.status, Status::too_few_data);
}

TEST(Loads, EnterARatioOverThemWhole) {
  Estimate e;
  e.images.push_back(image_of_volumes({1000.0}));
  LaneSheet sheet;
  sheet.entries.push_back(row(1, "T"));
  sheet.entries.back().sample = "a";
  RatioOptions options;
  options.ratios = {"T/load"};
  SampleLoad load;
  load.sample = "a";
  load.load_ug = number_of(20.0, 0.05);
  options.loads.push_back(load);
  ASSERT_FALSE(has_errors(add_ratios(sheet, options, e)));
  ASSERT_EQ(e.ratios.size(), 1U);
  const Ratio& r = e.ratios[0];
  EXPECT_EQ(r.load_error, LoadError::whole);
  EXPECT_DOUBLE_EQ(r.ratio.value, 50.0);
  const double se = std::log(r.ratio.high / r.ratio.low) / (2.0 * normal_z(0.95));
  EXPECT_NEAR(se, std::hypot(0.01, 0.05), 1e-6);
}

TEST(Loads, CancelInALaneAndArePipettedTwiceOnParallelMembranes) {
  for (const bool parallel : {false, true}) {
    Estimate e;
    e.images.push_back(image_of_volumes({1000.0}));
    e.images.push_back(image_of_volumes({2000.0}));
    e.images[1].file = "b.tif";
    LaneSheet sheet;
    for (const char* antibody : {"pT", "T"}) {
      sheet.entries.push_back(row(1, antibody));
      sheet.entries.back().image = antibody == std::string("T") ? "b.tif" : "a.tif";
      sheet.entries.back().membrane = "M";
    }
    RatioOptions options;
    options.parallel = parallel;
    options.pipetting_percent = 3.0;
    ASSERT_FALSE(has_errors(add_ratios(sheet, options, e)));
    const Ratio& r = e.ratios.at(0);
    const double se = std::log(r.ratio.high / r.ratio.low) / (2.0 * normal_z(0.95));
    const double volumes = std::hypot(0.01, 0.01);
    EXPECT_NEAR(se, parallel ? std::hypot(volumes, 0.03 * std::sqrt(2.0)) : volumes, 1e-6);
    EXPECT_EQ(r.load_error, parallel ? LoadError::pipetting : LoadError::cancels);
  }
}

/// Three samples at each time, whose logs lie 0.02 apart about `left`.
Estimate course(const std::vector<std::pair<double, double>>& time_left) {
  Estimate e;
  for (const auto& [time, left] : time_left) {
    for (int s = -1; s <= 1; ++s) {
      Ratio r;
      r.target = "pT", r.reference = "T", r.line = "L", r.membrane = "M";
      r.sample = std::to_string(time) + "-" + std::to_string(s);
      r.drug = "D", r.dose_nM = time > 0.0 ? 100.0 : 0.0, r.time_h = time;
      r.ratio = number_of(left * std::exp(0.02 * s), 0.01);
      e.ratios.push_back(r);
    }
  }
  add_folds({}, e);
  return e;
}

TEST(TimeCourses, HalfIsLeftAndBackWhereTheLinesPassIt) {
  const Estimate e = course({{0, 1.0}, {1, 0.8}, {2, 0.2}, {8, 0.2}, {24, 0.8}});
  ASSERT_EQ(e.courses.size(), 1U);
  const TimeCourse& c = e.courses[0];
  ASSERT_EQ(c.points.size(), 4U);
  EXPECT_NEAR(c.points[1].fold.value, 0.2, 1e-9);
  // On straight lines between logs: 1 + log(0.8 / 0.5) / log(0.8 / 0.2); 8 + 16 log(0.5 / 0.2) /
  // ...
  EXPECT_NEAR(c.half_life_h.value, 1.0 + std::log(1.6) / std::log(4.0), 1e-9);
  EXPECT_NEAR(c.return_h.value, 8.0 + 16.0 * std::log(2.5) / std::log(4.0), 1e-9);
  EXPECT_LT(c.half_life_h.low, c.half_life_h.value);
  EXPECT_GT(c.half_life_h.high, c.half_life_h.value);
  EXPECT_EQ(c.half_life_h.status, Status::ok);
  // Three samples a time of SD 0.02: SE of a difference of logs 0.02 sqrt(2 / 3), slope log 4 an
  // hour.
  const double wide = 2.0 * 0.02 * std::sqrt(2.0 / 3.0) / std::log(4.0);
  EXPECT_NEAR(c.half_life_h.high - c.half_life_h.low, 2.228 * wide, 0.01);  // t of 10 df
}

TEST(TimeCourses, ASignalThatStaysHasNoHalfLife) {
  const Estimate e = course({{0, 1.0}, {1, 0.95}, {4, 0.9}, {24, 0.85}});
  const Estimated& half = e.courses.at(0).half_life_h;
  EXPECT_EQ(half.status, Status::not_reached);
  EXPECT_EQ(half.relation, Relation::greater);
  EXPECT_DOUBLE_EQ(half.value, 24.0);
  EXPECT_EQ(e.courses[0].return_h.status, Status::not_applicable);
}

TEST(TimeCourses, TwoTimesAreTooFew) {
  const Estimate e = course({{0, 1.0}, {1, 0.2}});
  EXPECT_EQ(e.courses.at(0).half_life_h.status, Status::too_few_data);
}

Fold fold_with(const char* target, double p_suppressed, double p_maintained) {
  Fold f;
  f.target = target, f.reference = "T", f.line = "L", f.drug = "D", f.dose_nM = 100.0;
  f.against = "no drug";
  f.p_suppressed = p_suppressed, f.p_maintained = p_maintained;
  return f;
}

TEST(MechanismReadings, TakeTheLeastThatDependenceLeaves) {
  RatioOptions options;
  options.downstream = {"pE/T", "pA/T"};
  const auto read = [&](double off, double first, double second) {
    Estimate e;
    e.folds = {fold_with("pT", off, 1.0 - off),
               fold_with("pE", 1.0 - first, first),
               fold_with("pA", 1.0 - second, second)};
    add_readings(options, e);
    EXPECT_EQ(e.readings.size(), 1U);
    return e.readings.at(0);
  };
  const auto bypass = read(0.99, 0.98, 0.10);
  EXPECT_NEAR(bypass.p_bypass, 0.97, 1e-12);
  EXPECT_EQ(bypass.mechanism, Mechanism::bypass_like);
  EXPECT_EQ(bypass.downstream.size(), 2U);
  EXPECT_EQ(read(0.02, 0.99, 0.99).mechanism, Mechanism::on_target_like);
  const auto off = read(0.995, 0.01, 0.02);
  EXPECT_NEAR(off.p_both_off, 0.995 + 0.99 + 0.98 - 2.0, 1e-12);
  EXPECT_EQ(off.mechanism, Mechanism::both_off);
  EXPECT_EQ(read(0.96, 0.96, 0.5).mechanism, Mechanism::undecided);  // 0.92 at least
  EXPECT_EQ(read(unknown, 0.99, 0.99).mechanism, Mechanism::undecided);
}

}  // namespace
}  // namespace kinescape::immunoblot
