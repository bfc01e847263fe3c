// Compares our RSRefSeg with Hugging Face's SigLIP and SAM and PEFT's LoRA in
// fp64, as make_tiny.py wrote it down: activations of every stage, gradients of
// every trained tensor, the loss over ten steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/io/textproto.h"
#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/layers/interpolate.h"
#include "model/loss.h"
#include "model/sam/image_encoder.h"
#include "model/sam/prompt_encoder.h"
#include "model/siglip/text_encoder.h"
#include "model/siglip/vision_encoder.h"
#include "model/spec.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Of fp32 against fp64, relative in the Euclidean norm. Activations pass
// through some 30 layers of 1e-7 each.
constexpr double kActivationTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;
// make_tiny.py.
constexpr LossWeights kWeights = {.bce_weight = 5, .activation_weight = 0.5};
constexpr double kLearningRate = 1e-4;
constexpr double kWeightDecay = 0.05;

double RelativeError(const at::Tensor& ours, const at::Tensor& reference) {
  const at::Tensor expected = reference.to(at::kDouble);
  return ((ours.to(at::kDouble) - expected).norm() / expected.norm())
      .item<double>();
}

class TinyRsRefSeg : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    // Small tensors, and the machine may be busy: threads only wait.
    at::set_num_threads(1);
    const std::string stem =
        absl::StrCat("tests/golden/testdata/tiny_", GetParam());
    ASSERT_OK_AND_ASSIGN(ModelSpec spec,
                         ReadTextproto<ModelSpec>(stem + ".textproto"));
    ResolveModelSpec(&spec);
    ASSERT_OK_AND_ASSIGN(model_, BuildModel(spec, /*seed=*/1));
    ASSERT_OK_AND_ASSIGN(reference_,
                         LoadTensors(stem + "_reference.safetensors"));
    ASSERT_THAT(LoadState(*model_, stem + "_weights.safetensors",
                          /*trainable_only=*/false),
                IsOk());
    input_.image = Reference("input.image");
    input_.token_ids = Reference("input.token_ids");
    input_.token_counts = Reference("input.token_counts");
    input_.sample_ids = {5, 6, 7};
  }

  const at::Tensor& Reference(const std::string& name) const {
    const auto found = reference_.find(name);
    TORCH_CHECK(found != reference_.end(), "no reference of ", name);
    return found->second;
  }

  template <typename Module>
  Module& Part(const std::string& name) const {
    return *model_->named_modules()[name]->as<Module>();
  }

  void ExpectStage(const std::string& name, const at::Tensor& ours) const {
    const at::Tensor& reference = Reference("stage." + name);
    ASSERT_EQ(ours.sizes(), reference.sizes()) << name;
    EXPECT_LE(RelativeError(ours, reference), kActivationTolerance) << name;
  }

  at::Tensor Loss() const {
    return SegmentationLoss(model_->Forward(input_), Reference("input.mask"),
                            kWeights);
  }

  std::shared_ptr<SegmentationModel> model_;
  TensorMap reference_;
  ModelInput input_;
};

TEST_P(TinyRsRefSeg, TowersHaveTheActivationsOfTheReference) {
  model_->eval();
  const torch::NoGradGuard no_grad;
  const at::Tensor small =
      ResizeBilinear(input_.image * 2 - 1, /*height=*/37, /*width=*/37);
  ExpectStage(
      "vision_hidden",
      Part<SiglipVisionEncoderImpl>("siglip.vision_model").forward(small));

  auto& tower = Part<SiglipTextEncoderImpl>("siglip.text_model");
  const SiglipText text = tower.forward(input_.token_ids, input_.token_counts);
  const at::Tensor pooled = tower.Pool(text);
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t length = text.last[i].item<int64_t>() + 1;
    ExpectStage(absl::StrCat("text_hidden.", i),
                text.hidden[i].slice(0, 0, length));
    ExpectStage(absl::StrCat("text_pooled.", i), pooled[i]);
  }

  const auto three = [](std::vector<float> values) {
    return at::tensor(values).view({3, 1, 1});
  };
  const at::Tensor mean = three({0.485f, 0.456f, 0.406f});
  const at::Tensor deviation = three({0.229f, 0.224f, 0.225f});
  ExpectStage("image_embedding",
              Part<SamImageEncoderImpl>("sam.vision_encoder")
                  .forward((input_.image - mean) / deviation));
  ExpectStage("dense",
              Part<SamPromptEncoderImpl>("sam.prompt_encoder")
                  .EncodeMask(ResizeBilinear(Reference("stage.activation"),
                                             /*height=*/28, /*width=*/28)));
}

TEST_P(TinyRsRefSeg, WholeHasTheActivationsOfTheReference) {
  model_->eval();
  const torch::NoGradGuard no_grad;
  const ModelOutput output = model_->Forward(input_);
  ExpectStage("activation", output.activation_logits);
  ExpectStage("mask_logits", output.mask_logits);
}

TEST_P(TinyRsRefSeg, EveryTrainedTensorHasTheGradientOfTheReference) {
  const at::Tensor loss = Loss();
  EXPECT_LE(RelativeError(loss, Reference("loss")), kActivationTolerance);
  loss.backward();
  const auto parameters = model_->named_parameters();
  int compared = 0;
  for (const auto& [name, gradient] : reference_) {
    absl::string_view tensor = name;
    if (!absl::ConsumePrefix(&tensor, "gradient.")) continue;
    const at::Tensor* parameter = parameters.find(std::string(tensor));
    ASSERT_NE(parameter, nullptr) << tensor;
    ASSERT_TRUE(parameter->requires_grad()) << tensor;
    ASSERT_TRUE(parameter->grad().defined()) << tensor;
    EXPECT_LE(RelativeError(parameter->grad(), gradient), kGradientTolerance)
        << tensor;
    ++compared;
  }
  EXPECT_GT(compared, 150);
  // And nothing else is trained, except the biases of keys, whose gradient is
  // only rounding.
  for (const auto& parameter : parameters) {
    if (!parameter.value().grad().defined() ||
        absl::EndsWith(parameter.key(), "k_proj.bias")) {
      continue;
    }
    EXPECT_EQ(reference_.count("gradient." + parameter.key()), 1u)
        << parameter.key();
  }
}

TEST_P(TinyRsRefSeg, TenStepsHaveTheLossesOfTheReference) {
  std::vector<at::Tensor> trained;
  for (const at::Tensor& parameter : model_->parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  torch::optim::AdamW optimizer(
      trained,
      torch::optim::AdamWOptions(kLearningRate).weight_decay(kWeightDecay));
  const at::Tensor& curve = Reference("loss_curve");
  for (int64_t step = 0; step < curve.size(0); ++step) {
    input_.step = step;
    optimizer.zero_grad();
    const at::Tensor loss = Loss();
    loss.backward();
    optimizer.step();
    EXPECT_LE(RelativeError(loss, curve[step]), 1e-4) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, TinyRsRefSeg,
                         testing::Values("paper", "released"));

}  // namespace
}  // namespace transect
