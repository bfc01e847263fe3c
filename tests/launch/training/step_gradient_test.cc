#include "launch/training/step_gradient.h"

#include <torch/torch.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "experiments/experiment.pb.h"
#include "gtest/gtest.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/rank/batches.h"
#include "launch/rank/train_task.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

struct Computed {
  at::Tensor gradients, loss;
};

// Of the first 8 samples, cut into so many shards.
Computed Compute(int shards) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_logical_shards(shards);
  TrainingRank rank(run, absl::StrCat("gradient_of_", shards));
  rank.model().train();
  std::vector<at::Tensor> trained;
  for (const auto& [name, tensor] : TrainedTensors(rank.model())) {
    trained.push_back(tensor);
  }
  AdamWOptimizer optimizer(trained, run.training().optimizer());
  const TrainTask task = rank.task();
  std::vector<const Sample*> samples;
  for (int i = 0; i < 8; ++i) {
    samples.push_back(&SmallData("train").samples()[i]);
  }
  std::vector<Batch> batches;
  for (int i = 0; i < shards; ++i) {
    absl::StatusOr<Batch> batch =
        MakeBatch(absl::MakeSpan(samples).subspan(i * (8 / shards), 8 / shards),
                  *task.tokenizer, InputFormatOf(run), 64);
    EXPECT_THAT(batch, IsOk());
    batches.push_back(*std::move(batch));
  }
  StepGradient gradient(task, &optimizer);
  const absl::StatusOr<at::Tensor> loss = gradient.Compute(batches, 0, 1);
  EXPECT_THAT(loss, IsOk());
  return {optimizer.gradients().clone(), loss->clone()};
}

// The statistics of norms are those of the whole batch, so cutting it changes
// nothing but the order of sums.
TEST(StepGradient, OfShardsIsThatOfTheWholeBatch) {
  const Computed whole = Compute(1);
  ASSERT_GT(whole.gradients.abs().max().item<double>(), 1e-4);
  for (const int shards : {2, 4, 8}) {
    const Computed parts = Compute(shards);
    EXPECT_NEAR(parts.loss.item<double>(), whole.loss.item<double>(), 1e-5);
    EXPECT_LT((parts.gradients - whole.gradients).norm().item<double>(),
              1e-4 * whole.gradients.norm().item<double>())
        << shards;
  }
}

}  // namespace
}  // namespace transect
