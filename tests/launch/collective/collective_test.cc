// The contract of Collective, for one rank and for gloo.

#include "launch/collective/collective.h"

#include <torch/torch.h>

#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/gloo.h"
#include "launch/collective/peer_lost.h"
#include "launch/collective/tree_sum.h"
#include "tests/launch/collective/ranks.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kTimeout = absl::Seconds(60);

class CollectiveTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Ranks, CollectiveTest, testing::Values(1, 2, 3, 4));

TEST_P(CollectiveTest, SumsOverRanks) {
  const int64_t ranks = GetParam();
  RunRanks(GetParam(), kTimeout, [ranks](Collective& collective) {
    ASSERT_EQ(collective.ranks(), ranks);
    const at::Tensor value =
        torch::arange(1000, at::kLong) * (collective.rank() + 1);
    ASSERT_THAT(collective.AllReduceSum("a sum", value), IsOk());
    EXPECT_TRUE(at::equal(
        value, torch::arange(1000, at::kLong) * (ranks * (ranks + 1) / 2)));
  });
}

// Numbers whose sum depends on the order, to the last bit.
at::Tensor Awkward(int rank) {
  return torch::arange(1, 4097, at::kFloat).mul(0.7f + rank).sin() *
         std::pow(1e4f, static_cast<float>(rank % 3));
}

TEST_P(CollectiveTest, AddsByTheTreeOverTheRanks) {
  std::vector<at::Tensor> parts;
  for (int rank = 0; rank < GetParam(); ++rank) parts.push_back(Awkward(rank));
  const at::Tensor expected = TreeSum(std::move(parts));
  RunRanks(GetParam(), kTimeout, [&](Collective& collective) {
    const at::Tensor value = Awkward(collective.rank());
    ASSERT_THAT(collective.AllReduceSum("a sum", value), IsOk());
    EXPECT_TRUE(at::equal(value, expected));
  });
}

TEST_P(CollectiveTest, SumsIntoAPartOfATensor) {
  RunRanks(GetParam(), kTimeout, [](Collective& collective) {
    const at::Tensor whole = torch::ones({4, 6});
    ASSERT_THAT(collective.AllReduceSum("a column", whole.select(1, 2)),
                IsOk());
    EXPECT_EQ(whole.sum().item<double>(), 20 + 4 * collective.ranks());
  });
}

TEST_P(CollectiveTest, GathersInTheOrderOfTheRanks) {
  RunRanks(GetParam(), kTimeout, [](Collective& collective) {
    ASSERT_OK_AND_ASSIGN(
        const std::vector<at::Tensor> all,
        collective.AllGather("a gather",
                             torch::full({2, 3}, collective.rank())));
    ASSERT_EQ(static_cast<int>(all.size()), collective.ranks());
    for (int rank = 0; rank < collective.ranks(); ++rank) {
      EXPECT_TRUE(at::equal(all[rank], torch::full({2, 3}, rank)));
    }
  });
}

TEST_P(CollectiveTest, BroadcastsFromAnyRank) {
  RunRanks(GetParam(), kTimeout, [](Collective& collective) {
    const int root = collective.ranks() - 1;
    const at::Tensor value = torch::full({5}, 10.0 + collective.rank());
    ASSERT_THAT(collective.Broadcast("a broadcast", root, value), IsOk());
    EXPECT_TRUE(at::equal(value, torch::full({5}, 10.0 + root)));
  });
}

TEST_P(CollectiveTest, HoldsEveryRankAtABarrier) {
  std::mutex mutex;
  int arrived = 0;
  RunRanks(GetParam(), kTimeout, [&](Collective& collective) {
    absl::SleepFor(absl::Milliseconds(30) * collective.rank());
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ++arrived;
    }
    ASSERT_THAT(collective.Barrier("a barrier"), IsOk());
    const std::lock_guard<std::mutex> lock(mutex);
    EXPECT_EQ(arrived, collective.ranks());
  });
}

TEST(SingleCollective, GathersACopy) {
  const at::Tensor value = torch::ones({2}).requires_grad_();
  ASSERT_OK_AND_ASSIGN(const std::vector<at::Tensor> all,
                       MakeSingleCollective()->AllGather("a gather", value));
  all[0].zero_();
  EXPECT_EQ(value.sum().item<float>(), 2);
}

TEST(GlooCollective, SaysWhoWantedWhatWhereSizesDiffer) {
  RunRanks(2, kTimeout, [](Collective& collective) {
    const absl::Status status = collective.AllReduceSum(
        "sum of gradients", torch::zeros({3 + collective.rank()}));
    EXPECT_THAT(
        status,
        StatusIs(absl::StatusCode::kInternal,
                 AllOf(HasSubstr("sum of gradients: ranks do not agree"),
                       HasSubstr("rank 0 is at call 1"),
                       HasSubstr("of 3 Float"), HasSubstr("of 4 Float"))));
  });
}

TEST(GlooCollective, SaysWhoWantedWhatWhereCallsDiffer) {
  RunRanks(3, kTimeout, [](Collective& collective) {
    ASSERT_THAT(collective.Barrier("start"), IsOk());
    const absl::Status status =
        collective.rank() == 1
            ? collective.Barrier("the end")
            : collective.AllReduceSum("sum of losses", torch::zeros({}));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal,
                                 AllOf(HasSubstr("sum 'sum of losses'"),
                                       HasSubstr("barrier 'the end'"))));
    EXPECT_THAT(
        collective.Barrier("after"),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("after: ")));
  });
}

TEST(GlooCollective, TreatsARankThatLeavesAsALostPeer) {
  RunRanks(3, kTimeout, [](Collective& collective) {
    ASSERT_THAT(collective.Barrier("start"), IsOk());
    if (collective.rank() == 2) {
      collective.Abort();
      return;
    }
    const absl::Status status = collective.Barrier("the next step");
    EXPECT_TRUE(IsPeerLost(status)) << status;
    EXPECT_THAT(
        std::string(status.message()),
        AllOf(HasSubstr("the next step: "), HasSubstr("rank 2 does not answer"),
              Not(HasSubstr("Timed out"))));
  });
}

TEST(GlooCollective, TreatsARankThatDoesNotAnswerAsALostPeer) {
  std::promise<void> gave_up;
  RunRanks(2, absl::Seconds(1), [&](Collective& collective) {
    if (collective.rank() == 1) {
      EXPECT_THAT(collective.Barrier("start"), IsOk());
      gave_up.get_future().wait();
      return;
    }
    EXPECT_THAT(collective.Barrier("start"), IsOk());
    const absl::Status status = collective.Barrier("the next step");
    gave_up.set_value();
    EXPECT_TRUE(IsPeerLost(status)) << status;
    EXPECT_THAT(
        std::string(status.message()),
        AllOf(HasSubstr("rank 1 does not answer"), HasSubstr("Timed out")));
  });
}

// Later calls of a kind are not announced, so only the time-out ends this.
TEST(GlooCollective, NamesTheRankThatIsElsewhere) {
  RunRanks(3, absl::Seconds(2), [&](Collective& collective) {
    for (int step = 0; step < 2; ++step) {
      ASSERT_THAT(collective.AllReduceSum("sum of losses", torch::zeros({})),
                  IsOk());
      ASSERT_THAT(collective.Broadcast("state", 0, torch::zeros({2})), IsOk());
    }
    const absl::Status status =
        collective.rank() == 1
            ? collective.Broadcast("state", 0, torch::zeros({2}))
            : collective.AllReduceSum("sum of losses", torch::zeros({}));
    EXPECT_TRUE(IsPeerLost(status)) << status;
    if (collective.rank() == 1) return;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("rank 1 was at call 5, broadcast 'state'"));
  });
}

TEST(GlooCollective, ComparesTheCallsThatWereMade) {
  RunRanks(2, kTimeout, [](Collective& collective) {
    // A broadcast to nobody else and one from nobody else look alike.
    for (int step = 0; step < 3; ++step) {
      ASSERT_THAT(collective.AllReduceSum("a sum", torch::zeros({4})), IsOk());
      ASSERT_THAT(collective.CheckSchedule("comparison"), IsOk());
    }
    const at::Tensor value = torch::zeros({4});
    ASSERT_THAT(collective.AllReduceSum("b sum", value), IsOk());
    ASSERT_THAT(collective.AllReduceSum(
                    collective.rank() == 0 ? "a sum" : "b sum", value),
                IsOk());
    EXPECT_THAT(collective.CheckSchedule("comparison"),
                StatusIs(absl::StatusCode::kInternal,
                         AllOf(HasSubstr("ranks have not made the same calls"),
                               HasSubstr("rank 0 made "),
                               HasSubstr("call 8, sum 'a sum' of 4 Float"),
                               HasSubstr("call 8, sum 'b sum' of 4 Float"))));
  });
}

TEST_P(CollectiveTest, AddsUpPartsAndGathersThem) {
  std::vector<at::Tensor> parts;
  for (int rank = 0; rank < GetParam(); ++rank) {
    parts.push_back(Awkward(rank).narrow(0, 0, 1200));
  }
  const at::Tensor expected = TreeSum(std::move(parts));
  RunRanks(GetParam(), kTimeout, [&](Collective& collective) {
    const at::Tensor mine = Awkward(collective.rank()).narrow(0, 0, 1200);
    const at::Tensor value = mine.clone();
    ASSERT_THAT(collective.ReduceScatterSum("a sum", value, SumOrder::kTree),
                IsOk());
    for (int rank = 0; rank < collective.ranks(); ++rank) {
      const auto part = [&](const at::Tensor& whole) {
        return whole.chunk(collective.ranks())[rank];
      };
      EXPECT_TRUE(at::equal(part(value),
                            part(rank == collective.rank() ? expected : mine)));
    }
    ASSERT_THAT(collective.AllGatherParts("a gather", value), IsOk());
    EXPECT_TRUE(at::equal(value, expected));
  });
}

TEST_P(CollectiveTest, AddsAsTheLibraryDoes) {
  for (const at::ScalarType type : {at::kFloat, at::kHalf, at::kBFloat16}) {
    RunRanks(GetParam(), kTimeout, [&](Collective& collective) {
      const int ranks = collective.ranks();
      const at::Tensor value =
          torch::arange(12 * ranks, at::kFloat).to(type) + collective.rank();
      const at::Tensor expected =
          (torch::arange(12 * ranks, at::kFloat) * ranks +
           ranks * (ranks - 1) / 2)
              .to(type);
      const at::Tensor whole = value.clone();
      ASSERT_THAT(collective.AllReduceSum("a sum", whole, SumOrder::kLibrary),
                  IsOk());
      EXPECT_TRUE(at::equal(whole, expected));
      ASSERT_THAT(
          collective.ReduceScatterSum("a sum", value, SumOrder::kLibrary),
          IsOk());
      EXPECT_TRUE(at::equal(value.chunk(ranks)[collective.rank()],
                            expected.chunk(ranks)[collective.rank()]));
    });
  }
}

TEST_P(CollectiveTest, HasSeveralGroups) {
  RunRanks(GetParam(), kTimeout, [&](Collective& collective) {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Collective> other,
                         collective.NewGroup("sums in the background"));
    const at::Tensor theirs = torch::ones({1000});
    absl::Status summed;
    std::thread background([&] {
      for (int i = 0; i < 20 && summed.ok(); ++i) {
        summed = other->AllReduceSum("theirs", theirs);
      }
    });
    const at::Tensor mine = torch::ones({10}, at::kDouble);
    for (int i = 0; i < 20; ++i) {
      ASSERT_THAT(collective.AllReduceSum("mine", mine), IsOk());
    }
    background.join();
    EXPECT_THAT(summed, IsOk());
    EXPECT_EQ(mine[0].item<double>(), std::pow(collective.ranks(), 20));
  });
}

TEST(GlooCollective, GivesUpWhereAPeerNeverComes) {
  const absl::Status status =
      ConnectGloo({0, 2, testing::TempDir() + "/alone", absl::Seconds(1)})
          .status();
  EXPECT_TRUE(IsPeerLost(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("rank 0 of 2"));
}

TEST(GlooCollective, RefusesARankOutsideOfTheGroup) {
  EXPECT_THAT(
      ConnectGloo({2, 2, "", absl::Seconds(1)}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("rank 2 of 2")));
}

}  // namespace
}  // namespace transect
