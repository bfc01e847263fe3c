// Ranks are played one after the other: what a rank sends is kept, and the
// others receive it.

#include "launch/training/replicas.h"

#include <torch/torch.h>

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/scripted_collective.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// A frozen layer, a trained one, and a norm with statistics.
class NetImpl : public torch::nn::Module {
 public:
  NetImpl() {
    frozen = register_module("frozen", torch::nn::Linear(3, 3));
    trained = register_module("trained", torch::nn::Linear(3, 2));
    norm = register_module("norm", torch::nn::BatchNorm1d(2));
    const torch::NoGradGuard no_grad;
    for (at::Tensor& parameter : parameters()) parameter.fill_(0.5);
    for (at::Tensor& parameter : frozen->parameters()) {
      parameter.set_requires_grad(false);
    }
  }

  torch::nn::Linear frozen = nullptr, trained = nullptr;
  torch::nn::BatchNorm1d norm = nullptr;
};
TORCH_MODULE(Net);

// Compares nets[0] with the others, as rank 0.
absl::Status Compare(const std::vector<Net>& nets, int64_t steps) {
  std::vector<at::Tensor> sent(nets.size());
  for (size_t rank = 1; rank < nets.size(); ++rank) {
    ScriptedCollective listener(
        2, [&](absl::string_view, int, const at::Tensor& mine) {
          return sent[rank] = mine.clone();
        });
    EXPECT_THAT(CompareReplicas(listener, *nets[rank], steps), IsOk());
  }
  ScriptedCollective group(static_cast<int>(nets.size()),
                           [&](absl::string_view, int rank, const at::Tensor&) {
                             return sent[rank];
                           });
  return CompareReplicas(group, *nets[0], steps);
}

TEST(CompareReplicas, EqualRanksPass) {
  EXPECT_THAT(Compare({Net(), Net(), Net()}, 7), IsOk());
}

TEST(CompareReplicas, NamesStepRankAndTrainedTensor) {
  const Net other;
  const torch::NoGradGuard no_grad;
  other->trained->weight[1][2] = 0.50000006;
  EXPECT_THAT(Compare({Net(), Net(), other}, 500),
              StatusIs(absl::StatusCode::kInternal,
                       "after step 500 rank 2 differs from rank 0 in "
                       "trained.weight"));
}

TEST(CompareReplicas, NamesTheFirstOfSeveralTensors) {
  const Net other;
  const torch::NoGradGuard no_grad;
  other->norm->running_mean.add_(1);
  other->norm->num_batches_tracked.add_(1);
  other->trained->bias.neg_();
  EXPECT_THAT(Compare({Net(), other}, 1),
              StatusIs(absl::StatusCode::kInternal,
                       "after step 1 rank 1 differs from rank 0 in "
                       "norm.num_batches_tracked and 2 more tensors"));
}

TEST(CompareReplicas, SeesBuffers) {
  const Net other;
  other->norm->running_var.mul_(2);
  EXPECT_THAT(Compare({Net(), other}, 3),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("in norm.running_var")));
}

TEST(CompareReplicas, LooksAtWhatTrainingChangesOnly) {
  const Net other;
  const torch::NoGradGuard no_grad;
  other->frozen->weight.mul_(2);
  EXPECT_THAT(Compare({Net(), other}, 3), IsOk());
}

TEST(CompareReplicas, OneRankHasNobodyToAsk) {
  ScriptedCollective alone(1, [](absl::string_view, int, const at::Tensor&) {
    ADD_FAILURE();
    return at::Tensor();
  });
  EXPECT_THAT(CompareReplicas(alone, *Net(), 1), IsOk());
}

}  // namespace
}  // namespace transect
