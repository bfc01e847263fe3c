#include "model/base/init.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/random/philox.h"

namespace transect {
namespace {

// Standard deviation of a standard normal that is cut at two standard
// deviations.
constexpr double kDeviationOfTruncatedNormal = 0.87962566103423978;

int64_t Receptive(at::IntArrayRef shape) {
  int64_t size = 1;
  for (size_t i = 2; i < shape.size(); ++i) size *= shape[i];
  return size;
}

bool IsNorm(absl::string_view name) {
  return absl::StrContains(name, "norm") || absl::StrContains(name, ".bn.");
}

InitRule RuleOf(const std::string& name, at::IntArrayRef shape,
                const std::vector<InitRules>& rules) {
  if (absl::EndsWith(name, ".lora_A.weight")) return KaimingUniformSqrt5(shape);
  if (absl::EndsWith(name, ".lora_B.weight")) return {InitRule::CONSTANT, 0};
  if (IsNorm(name)) {
    return {InitRule::CONSTANT, absl::EndsWith(name, ".weight") ? 1.0 : 0.0};
  }
  for (const InitRules& part : rules) {
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, part.part) &&
        absl::ConsumePrefix(&rest, ".")) {
      return part.rule(rest, shape);
    }
  }
  TORCH_CHECK(false, "no initial rule for ", name);
}

}  // namespace

int64_t FanIn(at::IntArrayRef shape) {
  TORCH_CHECK(shape.size() >= 2, "fan of a tensor of shape ", shape);
  return shape[1] * Receptive(shape);
}

int64_t FanOut(at::IntArrayRef shape) {
  TORCH_CHECK(shape.size() >= 2, "fan of a tensor of shape ", shape);
  return shape[0] * Receptive(shape);
}

InitRule XavierUniform(at::IntArrayRef shape) {
  return {InitRule::UNIFORM,
          std::sqrt(6.0 / static_cast<double>(FanIn(shape) + FanOut(shape)))};
}

InitRule KaimingUniformSqrt5(at::IntArrayRef shape) {
  return {InitRule::UNIFORM, 1 / std::sqrt(static_cast<double>(FanIn(shape)))};
}

InitRule KaimingNormalFanOut(at::IntArrayRef shape) {
  return {InitRule::NORMAL,
          std::sqrt(2.0 / static_cast<double>(FanOut(shape)))};
}

InitRule LecunNormal(at::IntArrayRef shape) {
  return {InitRule::TRUNCATED_NORMAL,
          1 / std::sqrt(static_cast<double>(FanIn(shape))) /
              kDeviationOfTruncatedNormal};
}

void Draw(const InitRule& rule, uint64_t seed, absl::string_view name,
          const at::Tensor& tensor) {
  const torch::NoGradGuard no_grad;
  if (rule.kind == InitRule::CONSTANT) {
    tensor.fill_(rule.scale);
    return;
  }
  Philox random(seed, absl::StrCat("initial/", name));
  std::vector<float> values(static_cast<size_t>(tensor.numel()));
  for (float& value : values) {
    double drawn = 0;
    if (rule.kind == InitRule::UNIFORM) {
      drawn = 2 * random.NextUniform() - 1;
    } else {
      do {
        drawn = random.NextNormal();
      } while (rule.kind == InitRule::TRUNCATED_NORMAL && std::abs(drawn) > 2);
    }
    value = static_cast<float>(rule.scale * drawn);
  }
  tensor.copy_(at::from_blob(values.data(), tensor.sizes(), at::kFloat));
}

void DrawInitialWeights(torch::nn::Module& model,
                        const std::vector<InitRules>& rules, uint64_t seed) {
  const auto parameters = model.named_parameters();
  for (const auto& parameter : parameters) {
    const std::string& name = parameter.key();
    const at::Tensor& tensor = parameter.value();
    absl::string_view layer = name;
    const at::Tensor* weight =
        absl::ConsumeSuffix(&layer, ".bias")
            ? parameters.find(absl::StrCat(layer, ".weight"))
            : nullptr;
    Draw(RuleOf(name, (weight == nullptr ? tensor : *weight).sizes(), rules),
         seed, name, tensor);
  }
  for (const auto& buffer : model.named_buffers()) {
    if (IsNorm(buffer.key())) continue;
    Draw(RuleOf(buffer.key(), buffer.value().sizes(), rules), seed,
         buffer.key(), buffer.value());
  }
}

}  // namespace transect
