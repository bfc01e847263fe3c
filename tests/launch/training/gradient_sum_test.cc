// Sums of gradients over ranks and steps with them: the same bits on any number
// of ranks and in every stage of ZeRO.

#include "launch/training/gradient_sum.h"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "experiments/experiment.pb.h"
#include "experiments/training/training.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/collective/tree_sum.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/rank/train_task.h"
#include "tests/launch/collective/ranks.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int kShards = 4;
constexpr int kSteps = 4;

RunSpec RunOf(TrainingSpec::Numerics numerics,
              TrainingSpec::Precision precision, int shards) {
  RunSpec run;
  TrainingSpec& training = *run.mutable_training();
  training.set_numerics(numerics);
  training.set_precision(precision);
  training.set_logical_shards(shards);
  training.mutable_optimizer()->set_lr(0.01);
  return run;
}

// Tensors of awkward sizes; the one before the last gets no gradient.
std::vector<at::Tensor> MakeTrained() {
  std::vector<at::Tensor> trained;
  for (const int64_t size : {7, 300, 33, 1, 64, 500, 3}) {
    trained.push_back(
        torch::linspace(-1, 1, size).sin().clone().requires_grad_());
  }
  return trained;
}

// Something whose gradient depends on shard, step and values.
at::Tensor Loss(const std::vector<at::Tensor>& trained, int shard, int step) {
  at::Tensor loss = torch::zeros({});
  for (size_t i = 0; i < trained.size(); ++i) {
    if (i + 2 == trained.size()) continue;
    const double k = 1 + 0.37 * shard + 0.11 * step + 0.01 * i;
    loss = loss + (trained[i] * k).sin().sum() * (shard % 2 == 0 ? 1e3 : 0.7);
  }
  return loss;
}

struct Trained {
  std::vector<at::Tensor> values;
  at::Tensor first, second;
  std::vector<double> norms;
};

// Trains as one rank of `collective`.
void TrainSteps(const RunSpec& run, int stage, Collective& collective,
                Trained* result) {
  TrainTask task;
  task.run = &run;
  task.collective = &collective;
  const std::vector<at::Tensor> trained = MakeTrained();
  OptimizerShare share;
  share.zero_stage = stage;
  share.rank = collective.rank();
  share.ranks = collective.ranks();
  share.parts = run.training().logical_shards();
  share.bucket_elements = 256;
  AdamWOptimizer optimizer(trained, run.training().optimizer(), share);
  EXPECT_GT(optimizer.layout().buckets().size(), 3u);
  EXPECT_EQ(optimizer.first_moment().numel(),
            optimizer.values().numel() / (stage > 0 ? share.ranks : 1));
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<GradientSum> sum,
                         GradientSum::Create(task, &optimizer));
    const int mine = share.parts / share.ranks;
    for (int step = 0; step < kSteps; ++step) {
      sum->Begin();
      if (mine == 1) {
        Loss(trained, share.rank, step).backward();
      } else {
        RunningTreeSum tree;
        for (int i = 0; i < mine; ++i) {
          optimizer.HoldGradients();
          Loss(trained, share.rank * mine + i, step).backward();
          tree.Add(optimizer.gradients());
        }
        at::Tensor(optimizer.gradients()).copy_(tree.Take());
      }
      ASSERT_THAT(sum->Finish(), IsOk());
      at::Tensor norm = TreeSum(optimizer.SquaredNorms());
      ASSERT_THAT(collective.AllReduceSum("norm", norm), IsOk());
      result->norms.push_back(norm.item<double>());
      optimizer.Step(0.01);
      ASSERT_THAT(optimizer.ShareValues(collective), IsOk());
      if (stage == 2) {
        EXPECT_FALSE(optimizer.gradients().defined());
        EXPECT_FALSE(trained[0].grad().defined());
      }
    }
  }
  ASSERT_THAT(
      optimizer.GatherMoments(collective, &result->first, &result->second),
      IsOk());
  for (const at::Tensor& tensor : trained) {
    result->values.push_back(tensor.detach().clone());
  }
}

Trained TrainOnRanks(const RunSpec& run, int stage, int ranks) {
  std::vector<Trained> all(ranks);
  RunRanks(ranks, absl::Seconds(60), [&](Collective& collective) {
    TrainSteps(run, stage, collective, &all[collective.rank()]);
  });
  for (const Trained& other : all) {
    EXPECT_EQ(other.norms, all[0].norms);
    EXPECT_TRUE(at::equal(other.first, all[0].first));
    for (size_t i = 0; i < other.values.size(); ++i) {
      EXPECT_TRUE(at::equal(other.values[i], all[0].values[i])) << i;
    }
  }
  return all[0];
}

class GradientSumTest : public testing::TestWithParam<std::tuple<int, int>> {};
INSTANTIATE_TEST_SUITE_P(RanksAndStages, GradientSumTest,
                         testing::Combine(testing::Values(1, 2, 4),
                                          testing::Values(0, 1, 2)));

TEST_P(GradientSumTest, GivesTheBitsOfOneRank) {
  const auto [ranks, stage] = GetParam();
  const RunSpec run =
      RunOf(TrainingSpec::REPRODUCIBLE, TrainingSpec::FP32, kShards);
  static const auto* const expected = new Trained(TrainOnRanks(run, 0, 1));
  const Trained trained = TrainOnRanks(run, stage, ranks);
  EXPECT_EQ(trained.norms, expected->norms);
  EXPECT_TRUE(at::equal(trained.first, expected->first));
  EXPECT_TRUE(at::equal(trained.second, expected->second));
  for (size_t i = 0; i < expected->values.size(); ++i) {
    EXPECT_TRUE(at::equal(trained.values[i], expected->values[i])) << i;
  }
}

// Rounded to eight bits of mantissa on the way, so close and not equal.
TEST(GradientSum, AddsInBfloat16WhereItMay) {
  const RunSpec exact =
      RunOf(TrainingSpec::REPRODUCIBLE, TrainingSpec::BF16, kShards);
  const RunSpec fast = RunOf(TrainingSpec::FAST, TrainingSpec::BF16, kShards);
  const Trained expected = TrainOnRanks(exact, 0, 4);
  for (const int stage : {0, 1, 2}) {
    const Trained trained = TrainOnRanks(fast, stage, 4);
    EXPECT_NE(trained.norms, expected.norms);
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_NEAR(trained.norms[step] / expected.norms[step], 1, 2e-2);
    }
  }
}

// Two ranks with a whole optimizer each.
OptimizerShare OneOfTwo(const Collective& collective) {
  OptimizerShare share;
  share.rank = collective.rank();
  share.ranks = 2;
  share.parts = 2;
  return share;
}

// DeepSpeed's order: halves are divided by the number of ranks, then added.
TEST(GradientSum, DividesHalvesBeforeItAddsThemInParity) {
  const RunSpec run = RunOf(TrainingSpec::PARITY, TrainingSpec::FP16, 2);
  RunRanks(2, absl::Seconds(60), [&](Collective& collective) {
    TrainTask task;
    task.run = &run;
    task.collective = &collective;
    at::Tensor x = torch::tensor({1.f, 2.f}).requires_grad_();
    AdamWOptimizer optimizer({x}, run.training().optimizer(),
                             OneOfTwo(collective));
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<GradientSum> sum,
                         GradientSum::Create(task, &optimizer));
    sum->Begin();
    // 0.1 is no half; 70000 overflows one.
    const double k = collective.rank() == 0 ? 0.1 : 0.3;
    (x * torch::tensor({k, 7e4})).sum().backward();
    ASSERT_THAT(sum->Finish(), IsOk());
    const auto half = [](double value) {
      return torch::tensor({value}).to(at::kHalf);
    };
    EXPECT_EQ(x.grad()[0].item<float>(),
              (half(0.1).div(2) + half(0.3).div(2)).item<float>());
    EXPECT_TRUE(std::isinf(x.grad()[1].item<float>()));
  });
}

TEST(GradientSum, SaysWhereATensorGetsItsGradientTwice) {
  const RunSpec run = RunOf(TrainingSpec::REPRODUCIBLE, TrainingSpec::FP32, 2);
  RunRanks(2, absl::Seconds(60), [&](Collective& collective) {
    TrainTask task;
    task.run = &run;
    task.collective = &collective;
    at::Tensor x = torch::ones({40}).requires_grad_();
    AdamWOptimizer optimizer({x}, run.training().optimizer(),
                             OneOfTwo(collective));
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<GradientSum> sum,
                         GradientSum::Create(task, &optimizer));
    sum->Begin();
    x.sum().backward();
    x.sum().backward();
    EXPECT_THAT(sum->Finish(),
                StatusIs(absl::StatusCode::kInternal,
                         testing::HasSubstr("a gradient twice")));
  });
}

}  // namespace
}  // namespace transect
