/// \file
/// Every tensor of a model, by name, shape and role, without LibTorch. The
/// modules are tested against it, the weight loader checks files against it,
/// and the parameter counts of a plan come from it.
#ifndef TRANSECT_MODEL_TENSOR_TABLE_H_
#define TRANSECT_MODEL_TENSOR_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/model.pb.h"

namespace re2 {
class RE2;
}

namespace transect {

struct TensorInfo {
  enum Part { SIGLIP, SAM, PROMPTER, ADAPTER };

  /// "siglip." + the key of Hugging Face's SiglipModel, "sam." + the key of its
  /// SamModel, "prompter." + the names of the released code
  /// (prompter.prompter_down_channel.conv.weight). The adapter of a module M of
  /// these has M.lora_A.weight and M.lora_B.weight.
  std::string name;
  /// As PyTorch stores it: Linear [out, in], Conv2d [out, in, k, k],
  /// ConvTranspose2d [in, out, k, k], a scalar [].
  std::vector<int64_t> shape;
  Part part = SIGLIP;
  /// Gets a gradient and is handed to the optimizer. Some tensors are trainable
  /// in this sense and yet never receive a gradient (SAM's IoU head).
  bool trainable = false;
  /// State without a gradient: SAM's positional matrix, running statistics of
  /// the prompter's norms. Not counted as a parameter, except the positional
  /// matrix (see cost.h).
  bool buffer = false;
  /// False for tensors of the published checkpoints that the network does not
  /// have: SigLIP's vision pooling head (siglip.vision_model.head.*) without
  /// siglip.include_dead_head. A loader accepts and skips them.
  bool used = true;
  /// The network has it, but nothing reads it: the pooling head with
  /// include_dead_head, and adapters on it. A loader takes it where a file has
  /// it.
  bool dead = false;
};

/// Number of elements: the product of the shape, 1 for a scalar.
int64_t NumElements(const TensorInfo& tensor);

/// The tensors of a resolved, valid spec, in this order: SigLIP, SAM, prompter,
/// adapters; inside a part in the order of the modules. A network has the parts
/// that it is made of: patch_text_map no SAM and no prompter, sam_oracle_box
/// SAM alone.
///
/// Trainable under ADAPTERS: adapters, the prompter, sam.mask_decoder.*, and
/// sam.prompt_encoder.* if sam.tune_prompt_encoder. Under ALL: every tensor
/// that is used and no buffer; there are no adapters. Of patch_text_map under
/// ADAPTERS: adapters, and siglip.logit_scale and siglip.logit_bias where
/// tune_scale. Of sam_oracle_box with NONE: nothing.
///
/// With prompts DENSE the prompter's convolutions do not exist, so the part
/// PROMPTER is empty.
std::vector<TensorInfo> TensorTable(const ModelSpec& spec);

/// Whether LoRA adapts `module`, its name relative to the wrapped tower
/// ("layers.0.attn.qkv" in sam.vision_encoder, "encoder.layers.0.self_attn.
/// q_proj" in siglip.vision_model, "head" in siglip.text_model), as in PEFT:
/// the whole name matches target_regex, or it equals one of the targets or ends
/// with "." + target. Only linear and convolution layers are adapted, and in
/// the text tower only the head and layers from FirstAdaptedTextLayer on;
/// TensorTable applies these two rules as well.
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

#endif  // TRANSECT_MODEL_TENSOR_TABLE_H_
