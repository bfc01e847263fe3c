#include "launch/optimizer/loss_scale.h"

#include "gtest/gtest.h"

namespace transect {
namespace {

LossScaleSpec Spec(double initial, int64_t growth, int64_t hysteresis) {
  LossScaleSpec spec;
  spec.set_initial(initial);
  spec.set_growth_interval(growth);
  spec.set_hysteresis(hysteresis);
  return spec;
}

TEST(LossScale, DefaultsAreThoseOfTheReleasedCode) {
  LossScale scale{LossScaleSpec()};
  EXPECT_EQ(scale.scale(), 32768);
  for (int i = 0; i < 499; ++i) scale.Update(false);
  EXPECT_EQ(scale.scale(), 32768);
  scale.Update(false);
  EXPECT_EQ(scale.scale(), 65536);
}

TEST(LossScale, LetsOverflowsPassUntilPatienceEnds) {
  LossScale scale(Spec(64, 3, 2));
  scale.Update(true);
  EXPECT_EQ(scale.scale(), 64);
  scale.Update(false);  // patience comes back with growth only
  scale.Update(true);
  EXPECT_EQ(scale.scale(), 32);
  scale.Update(true);
  EXPECT_EQ(scale.scale(), 16);
  for (int i = 0; i < 3; ++i) scale.Update(false);
  EXPECT_EQ(scale.scale(), 32);
  scale.Update(true);
  EXPECT_EQ(scale.scale(), 32);
}

TEST(LossScale, AnOverflowStartsTheCountOfGoodStepsAgain) {
  LossScale scale(Spec(4, 3, 10));
  scale.Update(false);
  scale.Update(false);
  scale.Update(true);
  scale.Update(false);
  scale.Update(false);
  EXPECT_EQ(scale.scale(), 4);
  scale.Update(false);
  EXPECT_EQ(scale.scale(), 8);
}

TEST(LossScale, StopsAtItsBounds) {
  LossScale scale(Spec(2, 1, 1));
  EXPECT_TRUE(scale.CanFall());
  scale.Update(true);
  scale.Update(true);
  EXPECT_EQ(scale.scale(), 1);
  EXPECT_FALSE(scale.CanFall());
  for (int i = 0; i < 40; ++i) scale.Update(false);
  EXPECT_EQ(scale.scale(), 16777216);
}

}  // namespace
}  // namespace transect
