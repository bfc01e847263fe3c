#include "model/siglip/init_rules.h"

#include <cmath>

#include "absl/strings/match.h"

namespace transect {

InitRule SiglipInitRule(absl::string_view name, at::IntArrayRef shape) {
  constexpr InitRule kZero = {InitRule::CONSTANT, 0};
  if (name == "logit_scale") return {InitRule::CONSTANT, std::log(10.0)};
  if (name == "logit_bias") return {InitRule::CONSTANT, -10};
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

}  // namespace transect
