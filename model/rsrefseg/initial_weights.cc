#include "model/rsrefseg/initial_weights.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/base/init.h"

namespace transect {
namespace {

using Parameters = torch::OrderedDict<std::string, at::Tensor>;

constexpr InitRule kZero = {InitRule::CONSTANT, 0};
constexpr InitRule kOne = {InitRule::CONSTANT, 1};
constexpr InitRule kUnitNormal = {InitRule::NORMAL, 1};

InitRule SiglipRule(absl::string_view name, at::IntArrayRef shape) {
  if (name == "siglip.logit_scale") {
    return {InitRule::CONSTANT, std::log(10.0)};
  }
  if (name == "siglip.logit_bias") return {InitRule::CONSTANT, -10};
  if (absl::StrContains(name, "token_embedding") ||
      absl::StrContains(name, "position_embedding")) {
    return {InitRule::NORMAL, 1 / std::sqrt(static_cast<double>(shape[1]))};
  }
  if (absl::EndsWith(name, "_bias")) return kZero;
  if (absl::EndsWith(name, ".bias")) {
    return absl::StrContains(name, ".mlp.") ? InitRule{InitRule::NORMAL, 1e-6}
                                            : kZero;
  }
  if (absl::StrContains(name, "patch_embedding") ||
      absl::StrContains(name, ".head.")) {
    return LecunNormal(shape);
  }
  return XavierUniform(shape);
}

InitRule SamRule(absl::string_view name, at::IntArrayRef shape,
                 const Parameters& parameters) {
  if (absl::StrContains(name, "pos_embed") ||
      absl::StrContains(name, "rel_pos")) {
    return {InitRule::NORMAL, 0.02};
  }
  for (const char* table : {"iou_token.", "mask_tokens.", "no_mask_embed.",
                            "point_embed.", "not_a_point_embed."}) {
    if (absl::StrContains(name, table)) return kUnitNormal;
  }
  // PyTorch draws a bias from the range of the weight that it goes with.
  absl::string_view layer = name;
  if (absl::ConsumeSuffix(&layer, ".bias")) {
    return KaimingUniformSqrt5(
        parameters[std::string(layer) + ".weight"].sizes());
  }
  return KaimingUniformSqrt5(shape);
}

InitRule RuleOf(absl::string_view name, at::IntArrayRef shape,
                const Parameters& parameters) {
  if (absl::EndsWith(name, ".lora_A.weight")) return KaimingUniformSqrt5(shape);
  if (absl::EndsWith(name, ".lora_B.weight")) return kZero;
  if (absl::StrContains(name, "norm") || absl::StrContains(name, ".bn.")) {
    return absl::EndsWith(name, ".weight") ? kOne : kZero;
  }
  if (absl::StartsWith(name, "siglip.")) return SiglipRule(name, shape);
  if (absl::StartsWith(name, "sam.")) return SamRule(name, shape, parameters);
  if (absl::StartsWith(name, "prompter.")) {
    return absl::EndsWith(name, ".bias") ? kZero : KaimingNormalFanOut(shape);
  }
  TORCH_CHECK(false, "no initial rule for ", std::string(name));
}

}  // namespace

void DrawInitialWeights(torch::nn::Module& model, uint64_t seed) {
  const Parameters parameters = model.named_parameters();
  for (const auto& parameter : parameters) {
    const at::Tensor& tensor = parameter.value();
    Draw(RuleOf(parameter.key(), tensor.sizes(), parameters), seed,
         parameter.key(), tensor);
  }
  for (const auto& buffer : model.named_buffers()) {
    if (absl::EndsWith(buffer.key(), ".positional_embedding")) {
      Draw(kUnitNormal, seed, buffer.key(), buffer.value());
    }
  }
}

}  // namespace transect
