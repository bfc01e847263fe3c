#include "experiments/training/train_length.h"

#include "absl/status/status.h"
#include "data/data.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// The train split of RRSIS-D.
constexpr int64_t kSamples = 12181;

TrainingSpec Spec(absl::string_view text) {
  return FromText<TrainingSpec>(text);
}

int64_t Steps(absl::string_view text, DataSpec::LastBatch last_batch,
              int64_t samples = kSamples) {
  const auto steps = StepsOf(Spec(text), last_batch, samples);
  EXPECT_THAT(steps, IsOk());
  return steps.value_or(-1);
}

TEST(TrainLengthTest, TwoHundredEpochsOfRrsisd) {
  EXPECT_EQ(Steps("epochs: 200", DataSpec::WRAP), 76200);
  EXPECT_EQ(Steps("epochs: 200", DataSpec::CONTINUE), 76132);
  EXPECT_EQ(Steps("epochs: 200", DataSpec::DROP), 76000);
}

TEST(TrainLengthTest, StepsAreStepsWhateverTheData) {
  for (const auto last_batch :
       {DataSpec::WRAP, DataSpec::DROP, DataSpec::LAST_BATCH_UNSPECIFIED}) {
    EXPECT_EQ(Steps("steps: 7", last_batch, 3), 7);
    EXPECT_EQ(Steps("", last_batch, 0), 76200);
  }
}

TEST(TrainLengthTest, WarmUpCountsInItsOwnUnit) {
  const auto warmup = [](absl::string_view text) {
    const auto length = LengthOf(Spec(text), DataSpec::CONTINUE, kSamples);
    EXPECT_THAT(length, IsOk());
    return length.ok() ? length->warmup_steps : -1;
  };
  EXPECT_EQ(warmup("epochs: 200"), 0);
  EXPECT_EQ(warmup("epochs: 200 schedule { warmup_steps: 9 }"), 9);
  // 1903.28
  EXPECT_EQ(warmup("epochs: 200 schedule { warmup_epochs: 5 }"), 1904);
  EXPECT_EQ(warmup("steps: 2000 schedule { warmup_epochs: 5 }"), 1904);
}

TEST(TrainLengthTest, SaysWhereDataAndTrainingDoNotFit) {
  EXPECT_THAT(LengthOf(Spec("epochs: 2 schedule { warmup_steps: 763 }"),
                       DataSpec::CONTINUE, kSamples),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "training.schedule warms up for 763 steps on 12181 "
                       "samples, but the training has only 762"));
  EXPECT_THAT(LengthOf(Spec("steps: 3 schedule { warmup_epochs: 1 }"),
                       DataSpec::CONTINUE, 128),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "training.schedule warms up for 4 steps on 128 samples, "
                       "but the training has only 3"));
  EXPECT_THAT(StepsOf(Spec("epochs: 100000"), DataSpec::WRAP, kSamples),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "training.epochs is 100000, which are 38100000 steps on "
                       "12181 samples; they must be at most 10000000"));
  EXPECT_THAT(StepsOf(Spec("epochs: 1"), DataSpec::DROP, 31),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("data.last_batch is DROP")));
}

TEST(TrainLengthTest, TrainsUnlessTheLengthIsNothing) {
  EXPECT_TRUE(Trains(Spec("")));
  EXPECT_TRUE(Trains(Spec("epochs: 1")));
  EXPECT_FALSE(Trains(Spec("steps: 0")));
  EXPECT_FALSE(Trains(Spec("epochs: 0")));
}

TEST(TrainLengthTest, IsSaidInTheUnitOfTheSpec) {
  EXPECT_EQ(LengthText(Spec("steps: 76200")), "76200 steps");
  EXPECT_EQ(LengthText(Spec("steps: 1")), "1 step");
  EXPECT_EQ(LengthText(Spec("epochs: 200")), "200 epochs");
}

}  // namespace
}  // namespace transect
