#include "tests/golden/golden_case.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
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

// What bf16 may lose, in units of what the packages lose in bf16.
constexpr double kBf16Factor = 1.5;

// The stages of golden.Input(), under the names of the reference.
std::map<std::string, at::Tensor> Stages(const GoldenCase& golden) {
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
  return stages;
}

// `tolerance` of a stage's name; `own_error` is what the packages lose, a
// prefix in the reference.
void ExpectStagesWithin(
    const GoldenCase& golden, const std::string& own_error,
    const std::function<double(const std::string&)>& tolerance) {
  const std::map<std::string, at::Tensor> stages = Stages(golden);
  for (const auto& [name, reference] : golden.reference()) {
    absl::string_view stage = name;
    if (!absl::ConsumePrefix(&stage, "stage.")) continue;
    const auto ours = stages.find(std::string(stage));
    if (ours == stages.end()) {
      ADD_FAILURE() << "no stage " << stage << " is recorded";
      continue;
    }
    ASSERT_EQ(ours->second.sizes(), reference.sizes()) << name;
    const double error = RelativeError(ours->second, reference);
    EXPECT_LE(error, tolerance(name)) << name;
    const double theirs = golden.Number(own_error + name, 0);
    std::cout << stage << ": " << error
              << (theirs > 0 ? absl::StrCat(", the packages ", theirs) : "")
              << "\n";
  }
}

// The gradients of Loss() stand in the parameters afterwards; returns the loss.
at::Tensor TakeGradients(const GoldenCase& golden) {
  golden.model().train();
  const at::Tensor loss = golden.Loss();
  loss.backward();
  return loss;
}

// Calls `compare` with every gradient of the reference and ours of that name.
void ForEachGradient(
    const GoldenCase& golden,
    const std::function<void(const std::string& name, const at::Tensor& ours,
                             const at::Tensor& reference)>& compare) {
  const auto parameters = golden.model().named_parameters();
  for (const auto& [name, reference] : golden.reference()) {
    absl::string_view tensor = name;
    if (!absl::ConsumePrefix(&tensor, "gradient.")) continue;
    const at::Tensor* parameter = parameters.find(std::string(tensor));
    if (parameter == nullptr || !parameter->requires_grad() ||
        !parameter->grad().defined()) {
      ADD_FAILURE() << tensor << " has no gradient";
      continue;
    }
    compare(name, parameter->grad(), reference);
  }
}

}  // namespace

double RelativeError(const at::Tensor& ours, const at::Tensor& reference) {
  const at::Tensor expected = reference.to(at::kDouble);
  return ((ours.to(at::kDouble) - expected).norm() / expected.norm())
      .item<double>();
}

absl::StatusOr<GoldenCase> GoldenCase::Load(const std::string& stem,
                                            const BuildOptions& options) {
  GoldenCase golden;
  TRANSECT_ASSIGN_OR_RETURN(golden.spec_,
                            ReadTextproto<ModelSpec>(stem + ".textproto"));
  ResolveModelSpec(&golden.spec_);
  TRANSECT_ASSIGN_OR_RETURN(golden.model_,
                            BuildModel(golden.spec_, /*seed=*/1, options));
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
  ExpectStagesWithin(golden, "fp32_error.",
                     [&](const std::string&) { return tolerance; });
}

void ExpectBf16Stages(const GoldenCase& golden) {
  ExpectStagesWithin(golden, "bf16_error.", [&](const std::string& stage) {
    return kBf16Factor * golden.Reference("bf16_error." + stage).item<double>();
  });
}

int ExpectGradients(const GoldenCase& golden, double tolerance) {
  const at::Tensor loss = TakeGradients(golden);
  EXPECT_LE(RelativeError(loss, golden.Reference("loss")), tolerance / 10);
  int compared = 0;
  double worst = 0;
  ForEachGradient(golden, [&](const std::string& name, const at::Tensor& ours,
                              const at::Tensor& reference) {
    const double error = RelativeError(ours, reference);
    EXPECT_LE(error,
              std::max(tolerance, 20 * golden.Number("fp32_error." + name, 0)))
        << name;
    worst = std::max(worst, error);
    ++compared;
  });
  std::cout << compared << " gradients, largest error " << worst << "\n";
  // And nothing else is trained, except the biases of keys, whose gradient is
  // only rounding.
  for (const auto& parameter : golden.model().named_parameters()) {
    if (parameter.value().grad().defined() &&
        !absl::EndsWith(parameter.key(), "k_proj.bias")) {
      EXPECT_EQ(golden.reference().count("gradient." + parameter.key()), 1u)
          << parameter.key();
    }
  }
  return compared;
}

void ExpectBf16Gradients(const GoldenCase& golden) {
  TakeGradients(golden);
  std::vector<double> squares;
  ForEachGradient(golden, [&](const std::string&, const at::Tensor& ours,
                              const at::Tensor& reference) {
    squares.push_back(std::pow(RelativeError(ours, reference), 2));
  });
  ASSERT_FALSE(squares.empty());
  const double error = std::sqrt(
      std::accumulate(squares.begin(), squares.end(), 0.0) / squares.size());
  const double theirs = golden.Reference("bf16_error.gradients").item<double>();
  EXPECT_LE(error, kBf16Factor * theirs);
  std::cout << "gradients in bf16: " << error << ", the packages " << theirs
            << "\n";
}

}  // namespace transect
