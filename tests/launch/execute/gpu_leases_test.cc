#include "launch/execute/gpu_leases.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GpuLeasesTest : public testing::Test {
 protected:
  GpuLeasesTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {}

  Store store_;
  const std::vector<Gpu> gpus_ = {
      {"0", "GPU-aa"}, {"1", "GPU-bb"}, {"MIG-GPU-cc/1/0", "MIG-GPU-cc/1/0"}};
};

TEST_F(GpuLeasesTest, OneLauncherHasAGpuAtATime) {
  GpuLeases mine(store_, gpus_, "node7");
  // Numbers differ between processes, keys do not.
  GpuLeases other(store_, {{"0", "GPU-bb"}, {"1", "GPU-aa"}}, "node7");
  EXPECT_THAT(mine.Take(4, {0, 1, 2}, 1), IsOkAndHolds(ElementsAre(0)));
  EXPECT_THAT(other.Take(5, {0, 1}, 2),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("GPU 1: "), HasSubstr("process"))));
  // Nothing of it stayed.
  EXPECT_THAT(mine.Take(6, {1, 2}, 2), IsOkAndHolds(ElementsAre(1, 2)));
  mine.Give(6);
  EXPECT_THAT(other.Take(5, {1, 0}, 1), IsOkAndHolds(ElementsAre(0)));
  mine.Give(4);
  other.Give(5);
  EXPECT_THAT(other.Take(5, {0, 1}, 2), IsOkAndHolds(ElementsAre(0, 1)));
}

TEST_F(GpuLeasesTest, AnotherMachineHasOtherGpus) {
  GpuLeases mine(store_, gpus_, "node7");
  GpuLeases other(store_, gpus_, "node8");
  EXPECT_THAT(mine.Take(0, {0, 1, 2}, 3), IsOkAndHolds(ElementsAre(0, 1, 2)));
  EXPECT_THAT(other.Take(0, {0, 1, 2}, 3), IsOkAndHolds(ElementsAre(0, 1, 2)));
}

TEST_F(GpuLeasesTest, NamesCannotLeaveTheStore) {
  EXPECT_EQ(store_.GpuDir("..", "MIG-GPU-cc/1/0"),
            store_.root() + "/gpus/_../MIG-GPU-cc_1_0");
}

}  // namespace
}  // namespace transect
