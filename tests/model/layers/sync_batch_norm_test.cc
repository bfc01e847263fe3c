#include "model/layers/sync_batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// Two ranks that hold the same rows: the sum over both is twice the own.
class TwinRanks : public CrossRankSum {
 public:
  at::Tensor Sum(const at::Tensor& value) override { return value * 2; }
  int ranks() const override { return 2; }
};

SyncBatchNorm MakeNorm(CrossRankSum* ranks) {
  SyncBatchNorm norm(4, ranks);
  const torch::NoGradGuard no_grad;
  norm->named_parameters()["weight"].copy_(torch::tensor({1.0, 0.5, 2.0, 1.5}));
  norm->named_parameters()["bias"].copy_(torch::tensor({0.1, 0.2, 0.3, 0.4}));
  return norm;
}

TEST(SyncBatchNorm, OverTwoRanksEqualsOneRankWithAllRows) {
  torch::manual_seed(1);
  const at::Tensor rows = torch::randn({6, 4}) * 3 + 10;
  const at::Tensor upstream = torch::randn({6, 4});
  TwinRanks twins;
  SyncBatchNorm over_ranks = MakeNorm(&twins), alone = MakeNorm(nullptr);
  const at::Tensor part = rows.clone().requires_grad_();
  const at::Tensor whole = torch::cat({rows, rows}).requires_grad_();
  const at::Tensor y = over_ranks->forward(part);
  const at::Tensor expected = alone->forward(whole);
  EXPECT_THAT(y, TensorNear(expected.slice(0, 0, 6), 1e-5));

  y.backward(upstream);
  expected.backward(torch::cat({upstream, upstream}));
  EXPECT_THAT(part.grad(), TensorNear(whole.grad().slice(0, 0, 6), 1e-5));
  // A rank has the gradient of its own rows, half of all.
  for (const char* name : {"weight", "bias"}) {
    EXPECT_THAT(over_ranks->named_parameters()[name].grad() * 2,
                TensorNear(alone->named_parameters()[name].grad(), 1e-4));
  }
  for (const char* name : {"running_mean", "running_var"}) {
    EXPECT_THAT(over_ranks->named_buffers()[name],
                TensorNear(alone->named_buffers()[name], 1e-5));
  }
  EXPECT_EQ(over_ranks->named_buffers()["num_batches_tracked"].item<int64_t>(),
            1);
}

TEST(SyncBatchNorm, UsesRunningStatisticsInEvaluation) {
  SyncBatchNorm norm = MakeNorm(nullptr);
  norm->named_buffers()["running_mean"].fill_(2);
  norm->named_buffers()["running_var"].fill_(4);
  norm->eval();
  const at::Tensor y = norm->forward(torch::full({1, 4}, 6.0f));
  EXPECT_THAT(y, TensorNear(torch::tensor({{2.1, 1.2, 4.3, 3.4}}), 1e-5));
}

TEST(SyncBatchNorm, RefusesToTrainOnOneRow) {
  EXPECT_THROW(MakeNorm(nullptr)->forward(torch::ones({1, 4})), c10::Error);
}

}  // namespace
}  // namespace transect
