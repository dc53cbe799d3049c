// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plate/write.hpp"

namespace kinescape::plate {
namespace {

TEST(WriteTidy, ReadsBackTheSameWells) {
  PlateSet set;
  set.plates = {{"P,1", {8, 12}, "", ""}};
  auto add = [&](Position at, Role role, double dose_nM, Reading reading, double signal) {
    Well w;
    w.plate = "P,1";
    w.position = at;
    w.placed = true;
    w.role = role;
    w.line = role == Role::blank ? "" : "line \"A\"";
    w.drug = role == Role::sample ? "drug B" : "";
    w.dose_nM = dose_nM;
    w.repeat = "2";
    w.time_h = 72.0;
    w.reading = reading;
    w.signal = signal;
    set.wells.push_back(w);
  };
  add({0, 0}, Role::blank, 0.0, Reading::measured, 0.0812);
  add({0, 1}, Role::vehicle, 0.0, Reading::measured, 1.40625);
  add({7, 11}, Role::sample, 1000.0 / 3.0, Reading::measured, 0.5);
  add({3, 3}, Role::sample, 10.0, Reading::saturated, 4.0);
  const auto back = read_plates(write_tidy(set), "x.csv", "");
  ASSERT_TRUE(back.ok()) << describe(back.problems);
  ASSERT_EQ(back.value.wells.size(), set.wells.size());
  for (std::size_t i = 0; i < set.wells.size(); ++i) {
    const Well &a = set.wells[i], &b = back.value.wells[i];
    EXPECT_EQ(a.plate, b.plate);
    EXPECT_EQ(a.position, b.position);
    EXPECT_EQ(a.role, b.role);
    EXPECT_EQ(a.line, b.line);
    EXPECT_EQ(a.drug, b.drug);
    EXPECT_EQ(a.dose_nM, b.dose_nM);
    EXPECT_EQ(a.repeat, b.repeat);
    EXPECT_EQ(a.reading, b.reading);
    if (a.reading == Reading::measured) {
      EXPECT_EQ(a.signal, b.signal);
    }
  }
}

}  // namespace
}  // namespace kinescape::plate
