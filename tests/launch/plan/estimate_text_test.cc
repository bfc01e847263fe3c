#include "launch/plan/estimate_text.h"

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(NumberTextTest, ShowsAsManyDigitsAsMatter) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(0.0042), "0.004");
  EXPECT_EQ(NumberText(0.034), "0.03");
  EXPECT_EQ(NumberText(3.3), "3.30");
  EXPECT_EQ(NumberText(12.54), "12.5");
  EXPECT_EQ(NumberText(120.4), "120");
}

TEST(EstimateTextTest, NarrowIntervalsAreMarginsWideOnesHaveEnds) {
  EXPECT_EQ(EstimateText(0, 0, 0), "–");
  EXPECT_EQ(EstimateText(9, 10, 11), "10.0 ± 1.00");
  EXPECT_EQ(EstimateText(2.5, 10, 40), "10.0 (2.50 to 40.0)");
}

}  // namespace
}  // namespace transect
