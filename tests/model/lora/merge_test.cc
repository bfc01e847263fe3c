#include "model/lora/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/parts.h"
#include "model/spec.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

ModelSpec Spec() {
  ModelSpec spec;
  RsRefSegSpec* const rsrefseg = spec.mutable_rsrefseg();
  rsrefseg->mutable_siglip()->set_variant(SiglipSpec::TINY);
  rsrefseg->mutable_sam()->set_variant(SamSpec::TINY);
  // Scales that are neither 1 nor alike.
  rsrefseg->mutable_siglip()->mutable_vision_lora()->set_rank(3);
  rsrefseg->mutable_siglip()->mutable_vision_lora()->set_alpha(7);
  rsrefseg->mutable_sam()->mutable_lora()->set_rank(5);
  rsrefseg->mutable_sam()->mutable_lora()->set_alpha(2);
  ResolveModelSpec(&spec);
  return spec;
}

ModelInput Input() {
  ModelInput input;
  input.image = torch::linspace(0, 1, 2 * 3 * 64 * 64).view({2, 3, 64, 64});
  input.token_ids = torch::tensor({{5, 9, 1, 1}, {7, 8, 6, 1}}, torch::kLong);
  input.token_counts = torch::tensor({3, 4}, torch::kLong);
  input.sample_ids = {1, 2};
  return input;
}

// As a training leaves them.
void SetSecondFactors(const SegmentationModel& model) {
  torch::manual_seed(4);
  for (const auto& [name, tensor] : StateTensors(model, true)) {
    if (name.find(".lora_B.") != std::string::npos) {
      tensor.copy_(0.05 * torch::randn(tensor.sizes()));
    }
  }
}

TEST(MergeAdaptersTest, TheNetworkComputesTheSameWithoutThem) {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(spec, 3));
  model->eval();
  const at::Tensor before_training = model->Forward(Input()).mask_logits;
  SetSecondFactors(*model);
  const at::Tensor adapted = model->Forward(Input()).mask_logits;
  MergeAdapters(*model, AdapterTowers(spec));
  const at::Tensor merged = model->Forward(Input()).mask_logits;
  EXPECT_GT((adapted - before_training).norm().item<double>(),
            1e-2 * adapted.norm().item<double>());
  EXPECT_LE((merged - adapted).norm().item<double>(),
            1e-5 * adapted.norm().item<double>());
  // A second time there is nothing left.
  MergeAdapters(*model, AdapterTowers(spec));
  EXPECT_TRUE(model->Forward(Input()).mask_logits.equal(merged));
}

TEST(MergedAdaptersTest, TheNetworkComputesTheSameAsLongAsTheyLive) {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(spec, 3));
  SetSecondFactors(*model);
  const auto forward = [&model](bool training) {
    model->train(training);
    ModelInput input = Input();
    input.step = 1;
    return model->Forward(input).mask_logits;
  };
  const at::Tensor trains = forward(true), evaluates = forward(false);
  {
    const MergedAdapters merged(*model);
    const at::Tensor with = forward(false);
    EXPECT_FALSE(with.equal(evaluates)) << "nothing was merged";
    EXPECT_LE((with - evaluates).abs().max().item<double>(),
              1e-5 * evaluates.abs().max().item<double>());
  }
  EXPECT_TRUE(forward(false).equal(evaluates));
  const MergedAdapters merged(*model);
  EXPECT_TRUE(forward(true).equal(trains));
}

}  // namespace
}  // namespace transect
