#include "model/attn_prompter/init_rules.h"

#include "absl/strings/match.h"

namespace transect {

InitRule PrompterInitRule(absl::string_view name, at::IntArrayRef shape) {
  return absl::EndsWith(name, ".bias") ? InitRule{InitRule::CONSTANT, 0}
                                       : KaimingNormalFanOut(shape);
}

}  // namespace transect
