#include "launch/training/lr_schedule.h"

#include <cmath>
#include <numbers>

#include "experiments/training/training.pb.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

ScheduleSpec Spec(int64_t warmup, double start, double end) {
  ScheduleSpec spec;
  spec.set_warmup_steps(warmup);
  spec.set_warmup_start_fraction(start);
  spec.set_final_fraction(end);
  return spec;
}

// The reference trainer's table: 381 steps per epoch, 5 epochs of warm-up, peak
// 1e-4. Its warm-up is ours.
TEST(Schedule, WarmsUpAsTheReferenceTrainerDoes) {
  const ScheduleSpec spec = Spec(1905, 0.01, 0.001);
  EXPECT_DOUBLE_EQ(LearningRate(spec, 1e-4, 76200, 0), 1.000000e-06);
  EXPECT_NEAR(LearningRate(spec, 1e-4, 76200, 1), 1.051996e-06, 5e-13);
  EXPECT_NEAR(LearningRate(spec, 1e-4, 76200, 381), 2.081040e-05, 5e-12);
}

TEST(Schedule, HasItsExactValuesAtTheEnds) {
  const ScheduleSpec spec = Spec(20, 0.01, 0.001);
  EXPECT_EQ(LearningRate(spec, 1e-3, 300, 0), 1e-3 * 0.01);
  EXPECT_EQ(LearningRate(spec, 1e-3, 300, 19), 1e-3);
  EXPECT_EQ(LearningRate(spec, 1e-3, 300, 20), 1e-3);
  EXPECT_EQ(LearningRate(spec, 1e-3, 300, 299), 1e-3 * 0.001);
}

TEST(Schedule, FallsAsACosine) {
  const ScheduleSpec spec = Spec(0, 0.01, 0.1);
  // 101 steps: step 25 is a quarter of the way.
  const double quarter = 0.1 + 0.9 * 0.5 * (1 + std::cos(std::numbers::pi / 4));
  EXPECT_DOUBLE_EQ(LearningRate(spec, 2.0, 101, 25), 2 * quarter);
  EXPECT_DOUBLE_EQ(LearningRate(spec, 2.0, 101, 50), 2 * 0.55);
}

TEST(Schedule, RisesThenFallsAtEveryStep) {
  const ScheduleSpec spec = Spec(7, 0.2, 0);
  for (int64_t step = 1; step < 7; ++step) {
    EXPECT_GT(LearningRate(spec, 1, 30, step),
              LearningRate(spec, 1, 30, step - 1));
  }
  for (int64_t step = 8; step < 30; ++step) {
    EXPECT_LT(LearningRate(spec, 1, 30, step),
              LearningRate(spec, 1, 30, step - 1));
  }
}

TEST(Schedule, HasThePeakWhereOneStepIsAllThereIs) {
  EXPECT_EQ(LearningRate(Spec(0, 0.01, 0.001), 0.5, 1, 0), 0.5);
  EXPECT_EQ(LearningRate(Spec(1, 0.01, 0.001), 0.5, 1, 0), 0.5);
  EXPECT_EQ(LearningRate(Spec(1, 0.01, 0.001), 0.5, 2, 1), 0.5);
}

TEST(Schedule, CanWarmUpToTheVeryEnd) {
  const ScheduleSpec spec = Spec(4, 0, 0);
  EXPECT_EQ(LearningRate(spec, 3, 4, 0), 0);
  EXPECT_EQ(LearningRate(spec, 3, 4, 3), 3);
}

}  // namespace
}  // namespace transect
