#include "data/loader/epochs.h"

#include <cstdint>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

Epochs Make(int64_t size, int64_t batch, DataSpec::LastBatch last_batch) {
  absl::StatusOr<Epochs> epochs = Epochs::Create(size, batch, last_batch);
  EXPECT_THAT(epochs, IsOk());
  return *epochs;
}

TEST(Epochs, CountStepsAsTheLastBatchSays) {
  EXPECT_EQ(Make(10, 4, DataSpec::CONTINUE).Steps(1), 3);
  EXPECT_EQ(Make(10, 4, DataSpec::CONTINUE).Steps(2), 5);
  EXPECT_EQ(Make(10, 4, DataSpec::WRAP).Steps(2), 6);
  EXPECT_EQ(Make(10, 4, DataSpec::DROP).Steps(2), 4);
  EXPECT_EQ(Make(3, 8, DataSpec::WRAP).Steps(2), 2);
  EXPECT_EQ(Make(3, 8, DataSpec::CONTINUE).Steps(2), 1);
  for (const auto last_batch :
       {DataSpec::CONTINUE, DataSpec::WRAP, DataSpec::DROP}) {
    EXPECT_EQ(Make(8, 4, last_batch).Steps(3), 6);
    EXPECT_EQ(Make(8, 4, last_batch).Steps(0), 0);
  }
}

TEST(Epochs, AStepIsOfTheEpochOfItsFirstSample) {
  // Samples 8 and 9 are of epoch 0, the other two of this step of epoch 1.
  EXPECT_EQ(Make(10, 4, DataSpec::CONTINUE).Of(2), 0);
  EXPECT_EQ(Make(10, 4, DataSpec::CONTINUE).Of(3), 1);
  EXPECT_EQ(Make(10, 4, DataSpec::WRAP).Of(2), 0);
  EXPECT_EQ(Make(10, 4, DataSpec::WRAP).Of(3), 1);
  EXPECT_EQ(Make(10, 4, DataSpec::DROP).Of(2), 1);
  EXPECT_EQ(Make(3, 8, DataSpec::CONTINUE).Of(1), 2);
}

TEST(Epochs, StepsEndWhereTheNextEpochBegins) {
  for (const auto last_batch :
       {DataSpec::CONTINUE, DataSpec::WRAP, DataSpec::DROP}) {
    for (const int64_t size : {7, 12, 13}) {
      const Epochs epochs = Make(size, 3, last_batch);
      for (int64_t epoch = 1; epoch < 9; ++epoch) {
        EXPECT_EQ(epochs.Of(epochs.Steps(epoch)), epoch) << size;
        EXPECT_EQ(epochs.Of(epochs.Steps(epoch) - 1), epoch - 1) << size;
      }
    }
  }
}

TEST(Epochs, NeedABatchThatIsKept) {
  EXPECT_THAT(Epochs::Create(3, 4, DataSpec::DROP),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the split has 3 samples, fewer than "
                                 "training.global_batch, 4")));
  EXPECT_THAT(Epochs::Create(3, 4, DataSpec::LAST_BATCH_UNSPECIFIED),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must be CONTINUE, DROP or WRAP")));
}

}  // namespace
}  // namespace transect
