#include "launch/optimizer/lr_schedule.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training.pb.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr double kPeak = 1e-4;
// The train split of RRSIS-D, 381 batches of 32.
constexpr int64_t kSamples = 12181;

ScheduleSpec Spec(int64_t warmup, double start, double end) {
  ScheduleSpec spec;
  spec.set_warmup_steps(warmup);
  spec.set_warmup_start_fraction(start);
  spec.set_final_fraction(end);
  return spec;
}

// The rate of a spec that counts steps.
double Rate(const ScheduleSpec& schedule, double peak, int64_t steps,
            int64_t step) {
  TrainingSpec training;
  training.set_steps(steps);
  *training.mutable_schedule() = schedule;
  const auto length = LengthOf(training, DataSpec::CONTINUE, kSamples);
  EXPECT_THAT(length, IsOk());
  return LearningRate(schedule, peak, *length, step);
}

// A training as the released code has it, 200 epochs.
struct Released {
  explicit Released(DataSpec::LastBatch last_batch) {
    training = FromText<TrainingSpec>(
        "epochs: 200 global_batch: 32 schedule { warmup_epochs: 5 "
        "warmup_start_fraction: 0.01 final_fraction: 0.001 "
        "kind: COSINE_PER_EPOCH cosine_epochs: 200 }");
    length = LengthOf(training, last_batch, kSamples);
    EXPECT_THAT(length, IsOk());
  }

  double Rate(int64_t step) const {
    return LearningRate(training.schedule(), kPeak, *length, step);
  }

  TrainingSpec training;
  absl::StatusOr<TrainLength> length;
};

// The numbers of a line of testdata/lr_schedule.tsv, by make_lr_schedule.py.
std::vector<std::vector<double>> ReadReference() {
  const auto text = ReadFile("tests/launch/optimizer/testdata/lr_schedule.tsv");
  EXPECT_THAT(text, IsOk());
  std::vector<std::vector<double>> rows;
  for (const auto line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    rows.emplace_back();
    for (const auto number : absl::StrSplit(line, '\t')) {
      EXPECT_TRUE(absl::SimpleAtod(number, &rows.back().emplace_back()));
    }
  }
  return rows;
}

TEST(ScheduleOfTheReleasedCode, IsMmenginesAndPyTorchsAtEveryStep) {
  const Released released(DataSpec::WRAP);
  ASSERT_EQ(released.length->steps, 76200);
  const std::vector<std::vector<double>> reference = ReadReference();
  ASSERT_EQ(reference.size(), 200u);
  constexpr int64_t kPerEpoch = 381;
  int64_t compared = 0;
  double worst = 0;
  for (int64_t epoch = 0; epoch < 200; ++epoch) {
    const std::vector<double>& row = reference[epoch];
    ASSERT_EQ(row.size(), 5u);
    ASSERT_EQ(row[0], static_cast<double>(epoch));
    for (int64_t i = 0; i < kPerEpoch; ++i) {
      const double rate = released.Rate(epoch * kPerEpoch + i);
      // mmengine's line, then torch's.
      for (const size_t first : {1, 3}) {
        const double expected = row[first] + (row[first + 1] - row[first]) *
                                                 static_cast<double>(i) /
                                                 (kPerEpoch - 1);
        worst = std::max(worst, std::abs(rate / expected - 1));
      }
      ++compared;
    }
  }
  EXPECT_EQ(compared, released.length->steps);
  EXPECT_LT(worst, 1e-9);
}

TEST(ScheduleOfTheReleasedCode, DoesNotReachItsFloor) {
  const Released released(DataSpec::WRAP);
  EXPECT_DOUBLE_EQ(released.Rate(0), 1e-6);
  EXPECT_EQ(released.Rate(1904), kPeak);
  EXPECT_EQ(released.Rate(2285), kPeak);
  EXPECT_LT(released.Rate(2286), kPeak);
  EXPECT_NEAR(released.Rate(76199), 3.216799e-07, 1e-13);
}

// An epoch ends within a step: the step belongs to where it begins.
TEST(ScheduleOfTheReleasedCode, FallsWhereAnEpochBeginsUnderContinue) {
  const Released released(DataSpec::CONTINUE);
  ASSERT_EQ(released.length->steps, 76132);
  ASSERT_EQ(released.length->warmup_steps, 1904);
  EXPECT_EQ(released.Rate(1903), kPeak);
  std::vector<double> rates;
  for (int64_t step = 1904; step < released.length->steps; ++step) {
    const double rate = released.Rate(step);
    if (rates.empty() || rate != rates.back()) {
      EXPECT_LT((step - 1) * 32 / kSamples, step * 32 / kSamples);
      rates.push_back(rate);
    }
  }
  ASSERT_EQ(rates.size(), 195u);
  const std::vector<std::vector<double>> reference = ReadReference();
  for (size_t i = 0; i < rates.size(); ++i) {
    EXPECT_NEAR(rates[i] / reference[5 + i][1], 1, 1e-9) << i;
  }
}

TEST(ScheduleOfTheReleasedCode, StaysAtTheFloorOnceItIsThere) {
  Released released(DataSpec::DROP);
  released.training.mutable_schedule()->set_cosine_epochs(3);
  EXPECT_GT(released.Rate(7 * 380), kPeak * 0.001);
  for (const int64_t epoch : {8, 9, 11, 199}) {
    EXPECT_EQ(released.Rate(epoch * 380), kPeak * 0.001) << epoch;
  }
}

// The reference trainer's warm-up is ours too.
TEST(Schedule, WarmsUpAsTheReferenceTrainerDoes) {
  const ScheduleSpec spec = Spec(1905, 0.01, 0.001);
  EXPECT_DOUBLE_EQ(Rate(spec, kPeak, 76200, 0), 1.000000e-06);
  EXPECT_NEAR(Rate(spec, kPeak, 76200, 1), 1.051996e-06, 5e-13);
  EXPECT_NEAR(Rate(spec, kPeak, 76200, 381), 2.081040e-05, 5e-12);
}

TEST(Schedule, HasItsExactValuesAtTheEnds) {
  const ScheduleSpec spec = Spec(20, 0.01, 0.001);
  EXPECT_EQ(Rate(spec, 1e-3, 300, 0), 1e-3 * 0.01);
  EXPECT_EQ(Rate(spec, 1e-3, 300, 19), 1e-3);
  EXPECT_EQ(Rate(spec, 1e-3, 300, 20), 1e-3);
  EXPECT_EQ(Rate(spec, 1e-3, 300, 299), 1e-3 * 0.001);
}

TEST(Schedule, FallsAsACosine) {
  const ScheduleSpec spec = Spec(0, 0.01, 0.1);
  // 101 steps: step 25 is a quarter of the way.
  const double quarter = 0.1 + 0.9 * 0.5 * (1 + std::cos(std::numbers::pi / 4));
  EXPECT_DOUBLE_EQ(Rate(spec, 2.0, 101, 25), 2 * quarter);
  EXPECT_DOUBLE_EQ(Rate(spec, 2.0, 101, 50), 2 * 0.55);
}

TEST(Schedule, RisesThenFallsAtEveryStep) {
  const ScheduleSpec spec = Spec(7, 0.2, 0);
  for (int64_t step = 1; step < 7; ++step) {
    EXPECT_GT(Rate(spec, 1, 30, step), Rate(spec, 1, 30, step - 1));
  }
  for (int64_t step = 8; step < 30; ++step) {
    EXPECT_LT(Rate(spec, 1, 30, step), Rate(spec, 1, 30, step - 1));
  }
}

TEST(Schedule, HasThePeakWhereOneStepIsAllThereIs) {
  EXPECT_EQ(Rate(Spec(0, 0.01, 0.001), 0.5, 1, 0), 0.5);
  EXPECT_EQ(Rate(Spec(1, 0.01, 0.001), 0.5, 1, 0), 0.5);
  EXPECT_EQ(Rate(Spec(1, 0.01, 0.001), 0.5, 2, 1), 0.5);
}

TEST(Schedule, CanWarmUpToTheVeryEnd) {
  const ScheduleSpec spec = Spec(4, 0, 0);
  EXPECT_EQ(Rate(spec, 3, 4, 0), 0);
  EXPECT_EQ(Rate(spec, 3, 4, 3), 3);
}

}  // namespace
}  // namespace transect
