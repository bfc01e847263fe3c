// The tiny RSRefSeg on a GPU: the numbers of the CPU, the same bits again, half
// precision. Needs a build with --config=cuda and a GPU, else every test is
// skipped and says why. Links neither OpenCV nor sentencepiece, so that it can
// be carried to a machine that has LibTorch alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/training/training.pb.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "model/base/runtime.h"
#include "model/build_model.h"
#include "model/lora/dropout.h"
#include "model/loss.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

struct Step {
  at::Tensor loss, logits;
  std::map<std::string, at::Tensor> gradients;  // all on the CPU
};

double RelativeError(const at::Tensor& value, const at::Tensor& expected) {
  return ((value - expected).norm() / expected.norm()).item<double>();
}

double RelativeError(const std::map<std::string, at::Tensor>& values,
                     const std::map<std::string, at::Tensor>& expected) {
  double difference = 0, norm = 0;
  for (const auto& [name, tensor] : expected) {
    difference += (values.at(name) - tensor).square().sum().item<double>();
    norm += tensor.square().sum().item<double>();
  }
  return std::sqrt(difference / norm);
}

class RsRefSegOnGpu : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ComputeReproducibly(1);
    const auto gpu = OpenGpu(0);
    if (!gpu.ok()) {
      GTEST_SKIP() << gpu.status().message();
    }
    gpu_ = *gpu;
  }

  Step TrainingStep(const BuildOptions& options) const {
    auto built = BuildModel(TinySpec(GetParam()), /*seed=*/1, options);
    EXPECT_THAT(built, IsOk());
    const std::shared_ptr<SegmentationModel> model = *built;
    // So that A has a gradient too.
    for (const auto& parameter : model->named_parameters()) {
      if (!absl::StrContains(parameter.key(), "lora_B")) continue;
      const torch::NoGradGuard no_grad;
      torch::manual_seed(7);
      parameter.value().copy_(torch::randn(parameter.value().sizes()) * 0.02);
    }
    TinyBatch batch = MakeTinyBatch(3);
    batch.input.image = batch.input.image.to(options.device);
    batch.input.step = 5;
    const ModelOutput output = model->Forward(batch.input);
    Step step;
    step.loss =
        SegmentationLoss(output, batch.mask.to(options.device), {1.0, 0.5});
    step.loss.backward();
    step.loss = step.loss.detach().cpu();
    step.logits = output.mask_logits.detach().cpu();
    for (const auto& parameter : model->named_parameters()) {
      EXPECT_EQ(parameter.value().device(), options.device) << parameter.key();
      const at::Tensor& gradient = parameter.value().grad();
      if (gradient.defined()) step.gradients[parameter.key()] = gradient.cpu();
    }
    return step;
  }

  BuildOptions OnGpu() const {
    BuildOptions options;
    options.device = gpu_;
    return options;
  }

  at::Device gpu_ = at::kCPU;
};

TEST_P(RsRefSegOnGpu, ComputesWhatTheCpuComputes) {
  const Step cpu = TrainingStep(BuildOptions());
  const Step gpu = TrainingStep(OnGpu());
  EXPECT_LT(RelativeError(gpu.logits, cpu.logits), 1e-4);
  EXPECT_LT(RelativeError(gpu.loss, cpu.loss), 1e-5);
  ASSERT_EQ(gpu.gradients.size(), cpu.gradients.size());
  EXPECT_LT(RelativeError(gpu.gradients, cpu.gradients), 1e-4);
}

TEST_P(RsRefSegOnGpu, GivesTheSameBitsAgainAndWithActivationCheckpointing) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    BuildOptions options = OnGpu();
    options.compute = type;
    const Step first = TrainingStep(options);
    const Step second = TrainingStep(options);
    options.checkpoint_activations = true;
    const Step checkpointed = TrainingStep(options);
    for (const Step* other : {&second, &checkpointed}) {
      EXPECT_TRUE(other->logits.equal(first.logits));
      ASSERT_EQ(other->gradients.size(), first.gradients.size());
      for (const auto& [name, gradient] : first.gradients) {
        EXPECT_TRUE(gradient.equal(other->gradients.at(name))) << name;
      }
    }
  }
}

TEST_P(RsRefSegOnGpu, ComputesInHalfPrecisionWhatItDoesInFull) {
  const Step full = TrainingStep(OnGpu());
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    BuildOptions options = OnGpu();
    options.compute = type;
    const Step half = TrainingStep(options);
    EXPECT_LT(RelativeError(half.loss, full.loss), 0.01);
    EXPECT_LT(RelativeError(half.gradients, full.gradients),
              type == at::kHalf ? 0.02 : 0.1);
  }
}

TEST_P(RsRefSegOnGpu, LearnsABatchInHalfPrecision) {
  BuildOptions options = OnGpu();
  options.compute = at::kBFloat16;
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(TinySpec(GetParam()), /*seed=*/1, options));
  std::vector<at::Tensor> trained;
  for (const at::Tensor& parameter : model->parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  AdamWOptimizer optimizer(trained, AdamWSpec());
  TinyBatch batch = MakeTinyBatch(4);
  batch.input.image = batch.input.image.to(gpu_);
  const at::Tensor mask = batch.mask.to(gpu_);
  std::optional<double> first;
  double last = 0;
  for (int step = 0; step < 30; ++step) {
    batch.input.step = step;
    optimizer.HoldGradients();
    const at::Tensor loss =
        SegmentationLoss(model->Forward(batch.input), mask, {1.0, 1.0});
    loss.backward();
    optimizer.Step(1e-3);
    last = loss.item<double>();
    if (!first.has_value()) first = last;
  }
  EXPECT_TRUE(std::isfinite(last));
  EXPECT_LT(last, 0.9 * *first);
}

INSTANTIATE_TEST_SUITE_P(Presets, RsRefSegOnGpu,
                         testing::Values("", "preset: RELEASED_CODE",
                                         "tuning: ALL"));

TEST(DropoutOnGpu, HasTheMasksOfTheCpu) {
  const auto gpu = OpenGpu(0);
  if (!gpu.ok()) {
    GTEST_SKIP() << gpu.status().message();
  }
  const DropoutKey key = {.seed = 3, .step = 5, .sample_ids = {10, 11}};
  const at::Tensor x = torch::randn({4, 196, 33});
  const DropoutDraws draws = MakeDropoutDraws(key, "m", 0.1);
  EXPECT_TRUE(
      ApplyDropout(draws, x.to(*gpu)).cpu().equal(ApplyDropout(draws, x)));
}

}  // namespace
}  // namespace transect
