// Compares our RSRefSeg with Hugging Face's SigLIP and SAM and PEFT's LoRA in
// fp64, as make_tiny.py wrote it down: activations of every stage, gradients of
// every trained tensor, the loss over ten steps.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/build_model.h"
#include "model/spec.h"
#include "tests/golden/golden_case.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Of fp32 against fp64, relative in the Euclidean norm. Activations pass
// through some 30 layers of 1e-7 each.
constexpr double kActivationTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;
// make_tiny.py.
constexpr double kLearningRate = 1e-4;
constexpr double kWeightDecay = 0.05;

class TinyRsRefSeg : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    // Small tensors, and the machine may be busy: threads only wait.
    at::set_num_threads(1);
    ASSERT_OK_AND_ASSIGN(
        golden_, GoldenCase::Load(
                     absl::StrCat("tests/golden/testdata/tiny_", GetParam())));
  }

  std::optional<GoldenCase> golden_;
};

TEST_P(TinyRsRefSeg, HasTheActivationsOfTheReference) {
  ExpectStages(*golden_, kActivationTolerance);
}

// The same towers without SAM: the map is the prompter's activation.
TEST_P(TinyRsRefSeg, ThePatchTextMapHasTheActivationOfTheReference) {
  const RsRefSegSpec& whole = golden_->spec().rsrefseg();
  ModelSpec spec;
  PatchTextMapSpec& map = *spec.mutable_patch_text_map();
  *map.mutable_siglip() = whole.siglip();
  map.set_similarity(whole.prompter().similarity());
  map.set_global_text(whole.prompter().global_text());
  ResolveModelSpec(&spec);
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(spec, /*seed=*/2));
  const auto trained = golden_->model().named_parameters();
  const torch::NoGradGuard no_grad;
  for (const auto& parameter : model->named_parameters()) {
    parameter.value().copy_(trained[parameter.key()]);
  }
  model->eval();
  const at::Tensor logits = model->Forward(golden_->Input()).mask_logits;
  const at::Tensor& reference = golden_->Reference("stage.activation");
  ASSERT_EQ(logits.sizes(), reference.sizes());
  EXPECT_LE(RelativeError(logits, reference), kActivationTolerance);
}

TEST_P(TinyRsRefSeg, EveryTrainedTensorHasTheGradientOfTheReference) {
  EXPECT_GT(ExpectGradients(*golden_, kGradientTolerance), 150);
}

TEST_P(TinyRsRefSeg, Bf16LosesLittleMoreThanThePackagesDo) {
  ASSERT_OK_AND_ASSIGN(
      const GoldenCase golden,
      GoldenCase::Load(absl::StrCat("tests/golden/testdata/tiny_", GetParam()),
                       {.compute = at::kBFloat16}));
  ExpectBf16Stages(golden);
  ExpectBf16Gradients(golden);
}

TEST_P(TinyRsRefSeg, TenStepsHaveTheLossesOfTheReference) {
  std::vector<at::Tensor> trained;
  for (const at::Tensor& parameter : golden_->model().parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  torch::optim::AdamW optimizer(
      trained,
      torch::optim::AdamWOptions(kLearningRate).weight_decay(kWeightDecay));
  const at::Tensor& curve = golden_->Reference("loss_curve");
  for (int64_t step = 0; step < curve.size(0); ++step) {
    optimizer.zero_grad();
    const at::Tensor loss = golden_->Loss(step);
    loss.backward();
    optimizer.step();
    EXPECT_LE(RelativeError(loss, curve[step]), 1e-4) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, TinyRsRefSeg,
                         testing::Values("paper", "released"));

}  // namespace
}  // namespace transect
