#include "launch/collective/cross_rank_sum.h"

#include <torch/torch.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/collective/peer_lost.h"
#include "tests/launch/collective/ranks.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

class CollectiveSumTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Ranks, CollectiveSumTest, testing::Values(1, 2, 4));

// Rank r has x_r = r + 1 and the objective is sum_r w_r * (sum_q x_q)^2 with
// w_r = r + 2, so d/dx_r = 2 (sum w) (sum x) on every rank.
TEST_P(CollectiveSumTest, SumsForwardAndBackward) {
  RunRanks(GetParam(), absl::Seconds(60), [](Collective& collective) {
    CollectiveSum sum(&collective);
    const int ranks = collective.ranks();
    EXPECT_EQ(sum.ranks(), ranks);
    const double sum_x = ranks * (ranks + 1) / 2.0;
    const double sum_w = sum_x + ranks;
    const at::Tensor x =
        torch::full({3}, collective.rank() + 1.0).requires_grad_();
    const at::Tensor total = sum.Sum(x);
    EXPECT_TRUE(at::equal(total.detach(), torch::full({3}, sum_x)));
    (total * total * (collective.rank() + 2.0)).sum().backward();
    EXPECT_TRUE(at::equal(x.grad(), torch::full({3}, 2 * sum_w * sum_x)));
    EXPECT_TRUE(
        at::equal(x.detach(), torch::full({3}, collective.rank() + 1.0)));
    EXPECT_THAT(sum.failure(), IsOk());
  });
}

TEST(CollectiveSum, ThrowsAndKeepsTheTypedError) {
  RunRanks(2, absl::Seconds(60), [](Collective& collective) {
    CollectiveSum sum(&collective);
    ASSERT_THAT(collective.Barrier("start"), IsOk());
    if (collective.rank() == 1) {
      collective.Abort();
      return;
    }
    EXPECT_THROW(sum.Sum(torch::ones({2})), c10::Error);
    EXPECT_TRUE(IsPeerLost(sum.failure())) << sum.failure();
  });
}

TEST(CollectiveSum, ThrowsOutOfBackwardToo) {
  RunRanks(2, absl::Seconds(60), [](Collective& collective) {
    CollectiveSum sum(&collective);
    const at::Tensor x = torch::ones({2}).requires_grad_();
    const at::Tensor total = sum.Sum(x).sum();
    if (collective.rank() == 1) {
      collective.Abort();
      return;
    }
    EXPECT_THROW(total.backward(), c10::Error);
    EXPECT_TRUE(IsPeerLost(sum.failure())) << sum.failure();
  });
}

}  // namespace
}  // namespace transect
