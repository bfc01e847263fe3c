/// \file
/// Which modules of a tower LoRA adapts.
#ifndef TRANSECT_MODEL_LORA_TARGETS_H_
#define TRANSECT_MODEL_LORA_TARGETS_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "model/lora/lora.pb.h"

namespace re2 {
class RE2;
}

namespace transect {

/// Whether LoRA adapts `module`, its name relative to the wrapped tower
/// ("layers.0.attn.qkv" in sam.vision_encoder, "encoder.layers.0.self_attn.
/// q_proj" in siglip.vision_model, "head" in siglip.text_model), as in PEFT:
/// the whole name matches target_regex, or it equals one of the targets or ends
/// with "." + target. Only linear and convolution layers are adapted, and in
/// the text tower only the head and layers from FirstAdaptedTextLayer on;
/// AddAdapters (adapter_towers.h) applies these two rules as well.
class TargetMatcher {
 public:
  /// `lora` must outlive the matcher.
  explicit TargetMatcher(const LoraSpec& lora);
  ~TargetMatcher();

  /// Why target_regex is no regular expression; empty if it is one or is not
  /// set. A matcher with an error matches nothing.
  std::string error() const;

  bool Matches(absl::string_view module) const;

 private:
  const LoraSpec& lora_;
  std::unique_ptr<re2::RE2> regex_;  // null without target_regex
};

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_TARGETS_H_
