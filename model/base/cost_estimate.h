/// \file
/// The costs of a network while its towers and parts add theirs.
///
/// A multiply-add counts as 2 FLOP. Normalizations, activation functions,
/// softmax and interpolation are not counted; they are below 1 % at the
/// published sizes. Counts are of the mathematics, whatever an implementation
/// adds: tokens that pad a window count, since they are attended.
#ifndef TRANSECT_MODEL_BASE_COST_ESTIMATE_H_
#define TRANSECT_MODEL_BASE_COST_ESTIMATE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/base/tensors.h"
#include "model/base/tuning.h"

namespace transect {

/// What the cost depends on besides the spec.
struct CostOptions {
  /// Tokens of a sentence with its end token, 1 to siglip.max_positions. A
  /// sentence of RRSIS-D has at most 16 in most cases.
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
  /// The parts that the network has, in the order of CostPart::name.
  std::vector<CostPart> parts;
  /// Sums of the parts.
  int64_t parameters = 0;
  int64_t trainable_parameters = 0;
  int64_t forward_flops = 0;
  /// Forward and backward.
  int64_t train_flops = 0;
  /// Parameters of the Hugging Face checkpoints that the network does not have:
  /// SigLIP's vision pooling head without siglip.include_dead_head.
  int64_t unused_parameters = 0;
  /// Parameters of the weights that have adapters, of which an evaluation holds
  /// a merged copy (model/lora/merge.h).
  int64_t adapted_parameters = 0;
  /// Bytes that the towers keep for backward, per image, with attention that
  /// stores no scores, masks of dropout at a byte an element. Prompter and mask
  /// decoder are left out: 2 % at the published sizes. With activation
  /// checkpointing the inputs of all blocks and all of the largest one.
  int64_t activation_bytes = 0;
};

/// Forward FLOPs by how they come back in backward.
struct Flops {
  int64_t linear = 0;     ///< Matrix products with a weight.
  int64_t attention = 0;  ///< Products of activations, relative positions.

  int64_t total() const { return linear + attention; }
  Flops& operator+=(const Flops& other);
};

/// Activations that a block keeps, in elements.
struct BlockMemory {
  int64_t input = 0;
  int64_t elements = 0;
  int64_t masks = 0;      ///< Dropout of adapters, a byte each.
  int64_t logsumexp = 0;  ///< In fp32.
};

/// A tower's layers, and the FLOPs of what comes before and after them.
struct TowerCost {
  absl::string_view part;    ///< CostPart::name.
  absl::string_view prefix;  ///< Start of its tensors' names.
  int64_t layers = 0;
  int64_t below = 0;
  int64_t above = 0;
  bool dropout = false;  ///< Its adapters drop inputs.
  std::function<Flops(int64_t layer)> flops = nullptr;
  std::function<BlockMemory(int64_t layer)> memory = nullptr;
};

/// Counts the parts of one network. Parts stand in the result in the order in
/// which they are first named.
class CostEstimate {
 public:
  /// \param table of the network; outlives the estimate.
  CostEstimate(const CostOptions& options, const std::vector<TensorInfo>& table,
               Tuning tuning)
      : options_(options), table_(table), tuning_(tuning) {}

  const CostOptions& options() const { return options_; }
  bool trains_everything() const { return tuning_ == Tuning::kEverything; }

  /// A tower's forward, and the share of it that gradients pass through.
  void AddTower(const TowerCost& tower);

  /// A part that is trained wherever anything is, or too small to tell apart.
  void AddTrained(absl::string_view part, int64_t flops);

  /// The adapters of the modules whose names begin with `prefix`; `tokens`
  /// says on how many tokens a module (the rest of its name) works.
  void AddAdapters(
      absl::string_view prefix,
      const std::function<int64_t(absl::string_view module)>& tokens);

  /// Counts parameters by `part_of`, which gives the part of a tensor's name,
  /// and adds up.
  ModelCost Finish(
      const std::function<std::string(const TensorInfo& tensor)>& part_of);

 private:
  CostPart& Part(absl::string_view name);
  int64_t FirstAdaptedLayer(const TowerCost& tower) const;

  const CostOptions& options_;
  const std::vector<TensorInfo>& table_;
  const Tuning tuning_;
  ModelCost cost_;
  int64_t adapter_flops_ = 0;
  // Bytes that the largest block keeps, of those that gradients pass through.
  int64_t largest_block_ = 0;
};

/// FLOPs of a convolution over patches of `patch` * `patch` RGB pixels on a
/// square grid.
int64_t PatchEmbeddingFlops(int64_t grid, int64_t patch, int64_t hidden);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_COST_ESTIMATE_H_
