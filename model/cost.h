/// \file
/// What a model costs, by closed forms: parameters, floating-point operations
/// and activation memory. No LibTorch, no allocation of the model.
///
/// A multiply-add counts as 2 FLOP. Normalizations, activation functions,
/// softmax and interpolation are not counted; they are below 1 % at the
/// published sizes. Counts are of the mathematics, whatever an implementation
/// adds: tokens that pad a window count, since they are attended.
#ifndef TRANSECT_MODEL_COST_H_
#define TRANSECT_MODEL_COST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/model.pb.h"

namespace transect {

/// What the cost depends on besides the spec.
struct CostOptions {
  /// Tokens of a sentence with its end token, 1 to siglip.max_positions. A
  /// sentence of RRSIS-D has 16 at most times.
  int64_t text_tokens = 16;
  /// Bytes of an activation: 2 for bf16 and fp16, 4 for fp32.
  int64_t element_bytes = 2;
  /// Of the towers' blocks only the inputs are kept, and one block at a time is
  /// computed again (training.activations: RECOMPUTE).
  bool checkpoint_activations = false;
};

/// Cost of one part of the model, for one image and one sentence.
struct CostPart {
  /// siglip.vision, siglip.text (with logit_scale and logit_bias), sam.encoder,
  /// sam.prompt_encoder (with the positional matrix), sam.mask_decoder,
  /// prompter, adapters. What patch_text_map does with its towers is in
  /// siglip.text.
  std::string name;
  /// Elements of the tensors that are used, running statistics left out. SAM's
  /// fixed positional matrix counts, as it does in the published totals.
  int64_t parameters = 0;
  /// Those that are trained.
  int64_t trainable_parameters = 0;
  int64_t forward_flops = 0;
  /// Under ADAPTERS: the gradient of the activations down to the first adapter
  /// of a tower (as much as forward; 2.5 times for attention and relative
  /// positions, which are computed again in backward), and twice the forward of
  /// what is trained. Nothing for patch embeddings. Under ALL: twice forward.
  /// Under NONE: nothing.
  int64_t backward_flops = 0;
};

struct ModelCost {
  /// The parts in the order of CostPart::name; a part without cost is there.
  std::vector<CostPart> parts;
  /// Sums of the parts.
  int64_t parameters = 0;
  int64_t trainable_parameters = 0;
  int64_t forward_flops = 0;
  /// Forward and backward.
  int64_t train_flops = 0;
  /// Parameters of the published checkpoints that the network does not have:
  /// SigLIP's vision pooling head without siglip.include_dead_head.
  int64_t unused_parameters = 0;
  /// Bytes that the three towers keep for backward, per image, with attention
  /// that stores no scores, masks of dropout at a byte an element. Prompter and
  /// mask decoder are left out: 2 % at the published sizes. With recompute the
  /// inputs of all blocks and all of the largest one.
  int64_t activation_bytes = 0;
};

/// Costs of a resolved, valid spec.
ModelCost EstimateCost(const ModelSpec& spec, const CostOptions& options);

}  // namespace transect

#endif  // TRANSECT_MODEL_COST_H_
