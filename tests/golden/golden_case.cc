#include "tests/golden/golden_case.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/io/textproto.h"
#include "model/base/stages.h"
#include "model/build_model.h"
#include "model/loss.h"
#include "model/siglip/text_encoder.h"
#include "model/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// tests/golden/reference.py.
constexpr LossWeights kWeights = {.bce_weight = 5, .activation_weight = 0.5};

void ExpectStage(const GoldenCase& golden, const std::string& name,
                 const at::Tensor& ours, double tolerance) {
  const at::Tensor& reference = golden.Reference("stage." + name);
  ASSERT_EQ(ours.sizes(), reference.sizes()) << name;
  const double error = RelativeError(ours, reference);
  EXPECT_LE(error, tolerance) << name;
  const double theirs = golden.Number("fp32_error.stage." + name, 0);
  std::cout << name << ": " << error
            << (theirs > 0 ? absl::StrCat(", the reference in fp32 ", theirs)
                           : "")
            << "\n";
}

}  // namespace

double RelativeError(const at::Tensor& ours, const at::Tensor& reference) {
  const at::Tensor expected = reference.to(at::kDouble);
  return ((ours.to(at::kDouble) - expected).norm() / expected.norm())
      .item<double>();
}

absl::StatusOr<GoldenCase> GoldenCase::Load(const std::string& stem) {
  GoldenCase golden;
  TRANSECT_ASSIGN_OR_RETURN(golden.spec_,
                            ReadTextproto<ModelSpec>(stem + ".textproto"));
  ResolveModelSpec(&golden.spec_);
  TRANSECT_ASSIGN_OR_RETURN(golden.model_,
                            BuildModel(golden.spec_, /*seed=*/1));
  TRANSECT_ASSIGN_OR_RETURN(golden.reference_,
                            LoadTensors(stem + "_reference.safetensors"));
  TRANSECT_RETURN_IF_ERROR(LoadState(*golden.model_,
                                     stem + "_weights.safetensors",
                                     /*trainable_only=*/false));
  return golden;
}

const at::Tensor& GoldenCase::Reference(const std::string& name) const {
  const auto found = reference_.find(name);
  TORCH_CHECK(found != reference_.end(), "no reference of ", name);
  return found->second;
}

double GoldenCase::Number(const std::string& name, double otherwise) const {
  const auto found = reference_.find(name);
  return found == reference_.end() ? otherwise : found->second.item<double>();
}

ModelInput GoldenCase::Input(int64_t step) const {
  ModelInput input;
  input.image = Reference("input.image");
  input.token_ids = Reference("input.token_ids");
  input.token_counts = Reference("input.token_counts");
  for (int64_t i = 0; i < input.image.size(0); ++i) {
    input.sample_ids.push_back(5 + i);
  }
  input.step = step;
  return input;
}

at::Tensor GoldenCase::Loss(int64_t step) const {
  return SegmentationLoss(model_->Forward(Input(step)), Reference("input.mask"),
                          kWeights);
}

void ExpectStages(const GoldenCase& golden, double tolerance) {
  golden.model().eval();
  const torch::NoGradGuard no_grad;
  const ModelInput input = golden.Input();
  std::map<std::string, at::Tensor> stages;
  {
    const StageRecorder recorder(&stages);
    golden.model().Forward(input);
  }
  // Per sentence, because without pads each has a length of its own.
  auto& tower = golden.Part<SiglipTextEncoderImpl>("siglip.text_model");
  const SiglipText text = tower.forward(input.token_ids, input.token_counts);
  const at::Tensor pooled = tower.Pool(text);
  for (int64_t i = 0; i < input.token_ids.size(0); ++i) {
    const int64_t length = text.last[i].item<int64_t>() + 1;
    stages[absl::StrCat("text_hidden.", i)] =
        stages["text_hidden"][i].slice(0, 0, length);
    stages[absl::StrCat("text_pooled.", i)] = pooled[i];
  }
  for (const auto& [name, reference] : golden.reference()) {
    absl::string_view stage = name;
    if (!absl::ConsumePrefix(&stage, "stage.")) continue;
    const auto ours = stages.find(std::string(stage));
    if (ours == stages.end()) {
      ADD_FAILURE() << "no stage " << stage << " is recorded";
      continue;
    }
    ExpectStage(golden, ours->first, ours->second, tolerance);
  }
}

int ExpectGradients(const GoldenCase& golden, double tolerance) {
  golden.model().train();
  const at::Tensor loss = golden.Loss();
  EXPECT_LE(RelativeError(loss, golden.Reference("loss")), tolerance / 10);
  loss.backward();
  const auto parameters = golden.model().named_parameters();
  int compared = 0;
  double worst = 0;
  for (const auto& [name, gradient] : golden.reference()) {
    absl::string_view tensor = name;
    if (!absl::ConsumePrefix(&tensor, "gradient.")) continue;
    ++compared;
    const at::Tensor* parameter = parameters.find(std::string(tensor));
    if (parameter == nullptr || !parameter->requires_grad() ||
        !parameter->grad().defined()) {
      ADD_FAILURE() << tensor << " has no gradient";
      continue;
    }
    const double error = RelativeError(parameter->grad(), gradient);
    EXPECT_LE(error,
              std::max(tolerance, 20 * golden.Number("fp32_error." + name, 0)))
        << tensor;
    worst = std::max(worst, error);
  }
  std::cout << compared << " gradients, largest error " << worst << "\n";
  // And nothing else is trained, except the biases of keys, whose gradient is
  // only rounding.
  for (const auto& parameter : parameters) {
    if (parameter.value().grad().defined() &&
        !absl::EndsWith(parameter.key(), "k_proj.bias")) {
      EXPECT_EQ(golden.reference().count("gradient." + parameter.key()), 1u)
          << parameter.key();
    }
  }
  return compared;
}

}  // namespace transect
