// NCCL needs a GPU per rank, so on a machine with one GPU the group has one
// rank: the calls go through NCCL, the order of a sum cannot be seen.

#include "launch/collective/nccl.h"

#include <ATen/ATen.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/transport.h"
#include "model/base/runtime.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(NcclTransport, SaysThatItIsNotBuilt) {
  if (BuiltWithCuda()) {
    GTEST_SKIP() << "this program is built with --config=cuda";
  }
  EXPECT_THAT(
      MakeNcclTransport(0, 1, nullptr, at::Device("cuda:0"), absl::Seconds(1)),
      StatusIs(absl::StatusCode::kUnimplemented,
               testing::HasSubstr("without --config=cuda")));
}

TEST(NcclTransport, MovesTensorsOfTheGpu) {
  const auto gpu = OpenGpu(0);
  if (!gpu.ok()) {
    GTEST_SKIP() << gpu.status().message();
  }
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Transport> nccl,
      MakeNcclTransport(0, 1, nullptr, *gpu, absl::Seconds(60)));
  const at::Tensor value = at::arange(12, at::kFloat).to(*gpu);
  at::Tensor out = at::zeros_like(value);
  EXPECT_THAT(nccl->AllGather(value, out), IsOk());
  EXPECT_TRUE(out.equal(value));
  out.zero_();
  EXPECT_THAT(nccl->AllToAll(value, out), IsOk());
  EXPECT_TRUE(out.equal(value));
  for (const at::ScalarType type :
       {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong}) {
    const at::Tensor sum =
        value.to(type, /*non_blocking=*/false, /*copy=*/true);
    EXPECT_THAT(nccl->AllReduce(sum), IsOk());
    EXPECT_TRUE(sum.equal(value.to(type)));
    const at::Tensor part = at::zeros_like(sum);
    EXPECT_THAT(nccl->ReduceScatter(sum, part), IsOk());
    EXPECT_TRUE(part.equal(sum));
  }
  EXPECT_THAT(nccl->Broadcast(0, out), IsOk());
  EXPECT_TRUE(out.equal(value));
}

}  // namespace
}  // namespace transect
