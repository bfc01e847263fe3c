#include "model/layers/sync_batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/joint_tape.h"
#include "model/base/segmentation_model.h"
#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// `shards` logical shards, all on this rank.
class OwnShards : public ShardSum {
 public:
  explicit OwnShards(int shards) : shards_(shards) {}
  at::Tensor Sum(const char*, const std::vector<at::Tensor>& values) override {
    at::Tensor sum = values[0];
    for (size_t i = 1; i < values.size(); ++i) sum = sum + values[i];
    return sum;
  }
  int shards() const override { return shards_; }

 private:
  const int shards_;
};

SyncBatchNorm MakeNorm(ShardSum* shards) {
  SyncBatchNorm norm(4, shards);
  const torch::NoGradGuard no_grad;
  norm->named_parameters()["weight"].copy_(torch::tensor({1.0, 0.5, 2.0, 1.5}));
  norm->named_parameters()["bias"].copy_(torch::tensor({0.1, 0.2, 0.3, 0.4}));
  return norm;
}

TEST(SyncBatchNorm, OverShardsEqualsOneShardWithAllRows) {
  torch::manual_seed(1);
  const at::Tensor rows = torch::randn({12, 4}) * 3 + 10;
  const at::Tensor upstream = torch::randn({12, 4});
  OwnShards four(4);
  SyncBatchNorm norm = MakeNorm(&four), alone = MakeNorm(nullptr);
  std::vector<at::Tensor> leaves, parts;
  for (const at::Tensor& part : rows.chunk(4)) {
    leaves.push_back(part.clone().requires_grad_());
    parts.push_back(leaves.back() * 1);
  }
  JointTape tape;
  const std::vector<at::Tensor> y = norm->forward(parts, &tape);
  const at::Tensor whole = rows.clone().requires_grad_();
  const at::Tensor expected = alone->forward({whole}, nullptr)[0];
  EXPECT_THAT(torch::cat(y), TensorNear(expected, 1e-5));

  std::vector<Features> outputs, gradients;
  const std::vector<at::Tensor> arriving = upstream.chunk(4);
  for (size_t i = 0; i < 4; ++i) {
    outputs.push_back({y[i] * 1});
    gradients.push_back({arriving[i]});
  }
  std::vector<int> rounds;
  tape.Backward(outputs, gradients, [&](const auto& body) {
    for (int i = 0; i < 4; ++i) {
      rounds.push_back(i);
      body(i);
    }
  });
  EXPECT_EQ(rounds, (std::vector<int>{0, 1, 2, 3, 0, 1, 2, 3}));
  expected.backward(upstream);
  std::vector<at::Tensor> arrived;
  for (const at::Tensor& leaf : leaves) arrived.push_back(leaf.grad());
  EXPECT_THAT(torch::cat(arrived), TensorNear(whole.grad(), 1e-5));
  for (const char* name : {"weight", "bias"}) {
    EXPECT_THAT(norm->named_parameters()[name].grad(),
                TensorNear(alone->named_parameters()[name].grad(), 1e-4));
  }
  for (const char* name : {"running_mean", "running_var"}) {
    EXPECT_THAT(norm->named_buffers()[name],
                TensorNear(alone->named_buffers()[name], 1e-5));
  }
  EXPECT_EQ(norm->named_buffers()["num_batches_tracked"].item<int64_t>(), 1);
}

TEST(SyncBatchNorm, NeedsATapeToTrainOnSeveralShards) {
  OwnShards two(2);
  EXPECT_THROW(MakeNorm(&two)->forward(
                   {torch::ones({2, 4}), torch::ones({2, 4})}, nullptr),
               c10::Error);
}

TEST(SyncBatchNorm, UsesRunningStatisticsInEvaluation) {
  SyncBatchNorm norm = MakeNorm(nullptr);
  norm->named_buffers()["running_mean"].fill_(2);
  norm->named_buffers()["running_var"].fill_(4);
  norm->eval();
  const at::Tensor y = norm->forward({torch::full({1, 4}, 6.0f)}, nullptr)[0];
  EXPECT_THAT(y, TensorNear(torch::tensor({{2.1, 1.2, 4.3, 3.4}}), 1e-5));
}

TEST(SyncBatchNorm, RefusesToTrainOnOneRow) {
  EXPECT_THROW(MakeNorm(nullptr)->forward({torch::ones({1, 4})}, nullptr),
               c10::Error);
}

}  // namespace
}  // namespace transect
