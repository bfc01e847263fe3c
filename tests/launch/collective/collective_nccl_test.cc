// NCCL needs a GPU per rank, so on a machine with one GPU the group has one
// rank: the calls go through NCCL, the order of a sum cannot be seen.

#include "launch/collective/collective_nccl.h"

#include <ATen/ATen.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective_single.h"
#include "model/base/runtime.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(CollectiveNccl, SaysThatItIsNotBuilt) {
  if (BuiltWithCuda()) {
    GTEST_SKIP() << "this program is built with --config=cuda";
  }
  EXPECT_THAT(ConnectNccl(MakeSingleCollective(), at::Device("cuda:0"),
                          absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnimplemented,
                       testing::HasSubstr("without --config=cuda")));
}

TEST(CollectiveNccl, MovesTensorsOfTheGpu) {
  const auto gpu = OpenGpu(0);
  if (!gpu.ok()) {
    GTEST_SKIP() << gpu.status().message();
  }
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Collective> group,
      ConnectNccl(MakeSingleCollective(), *gpu, absl::Seconds(60)));
  EXPECT_EQ(group->ranks(), 1);
  const at::Tensor value = at::arange(12, at::kFloat).view({3, 4}).to(*gpu);
  ASSERT_OK_AND_ASSIGN(const std::vector<at::Tensor> all,
                       group->AllGather("gather", value));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].equal(value));
  const at::Tensor sum = value.clone();
  EXPECT_THAT(group->AllReduceSum("sum", sum), IsOk());
  EXPECT_TRUE(sum.equal(value));
  // Not contiguous.
  at::Tensor sent = value.clone().t();
  EXPECT_THAT(group->Broadcast("broadcast", 0, sent), IsOk());
  EXPECT_TRUE(sent.equal(value.t()));
  EXPECT_THAT(group->Barrier("barrier"), IsOk());
  // Tensors of the CPU go by the other group.
  at::Tensor host = at::ones({2});
  EXPECT_THAT(group->AllReduceSum("sum", host), IsOk());
  group->Abort();
  EXPECT_THAT(group->AllReduceSum("sum", sum),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace transect
