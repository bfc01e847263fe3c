#include "model/sam/init_rules.h"

#include "absl/strings/match.h"

namespace transect {

InitRule SamInitRule(absl::string_view name, at::IntArrayRef shape) {
  if (absl::StrContains(name, "pos_embed") ||
      absl::StrContains(name, "rel_pos")) {
    return {InitRule::NORMAL, 0.02};
  }
  for (const char* table :
       {"iou_token.", "mask_tokens.", "no_mask_embed.", "point_embed.",
        "not_a_point_embed.", "positional_embedding"}) {
    if (absl::StrContains(name, table)) return {InitRule::NORMAL, 1};
  }
  return KaimingUniformSqrt5(shape);
}

}  // namespace transect
