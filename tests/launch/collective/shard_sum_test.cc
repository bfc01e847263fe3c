#include "launch/collective/shard_sum.h"

#include <torch/torch.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/tree_sum.h"
#include "tests/launch/collective/ranks.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Numbers whose sum depends on the order, to the last bit.
at::Tensor Awkward(int shard) {
  return torch::arange(1, 257, at::kFloat).mul(0.7f + shard).sin();
}

std::vector<at::Tensor> Parts(int begin, int end) {
  std::vector<at::Tensor> parts;
  for (int i = begin; i < end; ++i) parts.push_back(Awkward(i));
  return parts;
}

TEST(TreeSum, AddsNeighboursFirst) {
  const auto p = [](int i) { return Awkward(i); };
  EXPECT_TRUE(at::equal(TreeSum(Parts(0, 1)), p(0)));
  EXPECT_TRUE(at::equal(TreeSum(Parts(0, 3)), (p(0) + p(1)) + p(2)));
  EXPECT_TRUE(at::equal(TreeSum(Parts(0, 4)), (p(0) + p(1)) + (p(2) + p(3))));
  EXPECT_TRUE(at::equal(TreeSum(Parts(0, 7)), ((p(0) + p(1)) + (p(2) + p(3))) +
                                                  ((p(4) + p(5)) + p(6))));
  // The order matters for these numbers, or nothing above says anything.
  EXPECT_FALSE(at::equal(TreeSum(Parts(0, 4)), ((p(0) + p(1)) + p(2)) + p(3)));
}

TEST(TreeSum, IsTheSameForPartsThatComeOneByOne) {
  RunningTreeSum running;
  for (int count = 1; count <= 17; ++count) {
    for (const at::Tensor& part : Parts(0, count)) running.Add(part);
    EXPECT_TRUE(at::equal(running.Take(), TreeSum(Parts(0, count)))) << count;
  }
}

class ShardSumTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Ranks, ShardSumTest, testing::Values(1, 2, 4, 8));

TEST_P(ShardSumTest, HasTheSameBitsForEveryNumberOfRanks) {
  RunRanks(GetParam(), absl::Seconds(60), [](Collective& collective) {
    CollectiveShardSum sum(&collective, 8);
    EXPECT_EQ(sum.shards(), 8);
    const int mine = 8 / collective.ranks();
    const int begin = collective.rank() * mine;
    const std::vector<at::Tensor> parts = Parts(begin, begin + mine);
    EXPECT_TRUE(at::equal(sum.Sum("a sum", parts), TreeSum(Parts(0, 8))));
    EXPECT_TRUE(at::equal(parts[0], Awkward(begin)));
    EXPECT_THAT(sum.failure(), IsOk());
  });
}

TEST(ShardSum, RefusesAnotherNumberOfShards) {
  RunRanks(1, absl::Seconds(60), [](Collective& collective) {
    CollectiveShardSum sum(&collective, 2);
    EXPECT_THROW(sum.Sum("a sum", Parts(0, 1)), c10::Error);
  });
}

TEST(ShardSum, ThrowsAndKeepsTheTypedError) {
  RunRanks(2, absl::Seconds(60), [](Collective& collective) {
    CollectiveShardSum sum(&collective, 2);
    ASSERT_THAT(collective.Barrier("start"), IsOk());
    if (collective.rank() == 1) {
      collective.Abort();
      return;
    }
    EXPECT_THROW(sum.Sum("a sum", {torch::ones({2})}), c10::Error);
    EXPECT_TRUE(IsPeerLost(sum.failure())) << sum.failure();
  });
}

}  // namespace
}  // namespace transect
