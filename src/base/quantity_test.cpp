// SPDX-License-Identifier: Apache-2.0
#include "base/quantity.hpp"

#include <gtest/gtest.h>

namespace kinescape {
namespace {

using namespace literals;

TEST(Quantity, AddsScalesAndComparesWithinOneKind) {
  EXPECT_EQ(1_uM, 1000_nM);
  EXPECT_EQ((1_uM + 250_nM).value(), 1250.0);
  EXPECT_LT(999_nM, 1_uM);
  EXPECT_EQ(3.0 * 2_h, 6_h);
  EXPECT_EQ(72_h / 24_h, 3.0);
  static_assert(!std::is_convertible_v<double, Nanomolar>);
  static_assert(!std::is_convertible_v<Hours, Nanomolar>);
}

TEST(NanomolarPer, KnowsTheSpellingsPeopleUse) {
  for (const auto* micro : {"uM",
                            "µM",
                            "μM",
                            "umol/L",
                            "µmol/l",
                            "micromolar",
                            " uM ",
                            "mcM",
                            "nmol/mL",
                            "Micromolar"}) {
    EXPECT_EQ(nanomolar_per(micro), 1e3) << micro;
  }
  EXPECT_EQ(nanomolar_per("M"), 1e9);
  EXPECT_EQ(nanomolar_per("mol/L"), 1e9);
  EXPECT_EQ(nanomolar_per("mM"), 1e6);
  EXPECT_EQ(nanomolar_per("mmol/L"), 1e6);
  EXPECT_EQ(nanomolar_per("nM"), 1.0);
  EXPECT_EQ(nanomolar_per("nmol L-1"), 1.0);
  EXPECT_EQ(nanomolar_per("pM"), 1e-3);
  EXPECT_EQ(nanomolar_per("fM"), 1e-6);
}

TEST(NanomolarPer, RefusesWhatIsNoConcentrationOrNotClear) {
  // "nm" is a wavelength and "mm" a length; "MM" and "UM" could be a slip in either direction.
  for (const auto* other :
       {"", "nm", "mm", "um", "MM", "UM", "g/L", "ng/mL", "%", "mol", "M/L", "kM"}) {
    EXPECT_EQ(nanomolar_per(other), std::nullopt) << other;
  }
}

TEST(HoursPer, KnowsTheSpellingsPeopleUse) {
  for (const auto* hour : {"h", "hr", "hrs", "hour", "Hours", "H", " h "}) {
    EXPECT_EQ(hours_per(hour), 1.0) << hour;
  }
  EXPECT_EQ(hours_per("min"), 1.0 / 60);
  EXPECT_EQ(hours_per("s"), 1.0 / 3600);
  EXPECT_EQ(hours_per("Days"), 24.0);
  EXPECT_EQ(hours_per("weeks"), 168.0);
  for (const auto* other : {"", "m", "month", "hm", "nM"}) {
    EXPECT_EQ(hours_per(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace kinescape
