/// \file
/// Tensors of a network by name, shape and role, without LibTorch, and the
/// builder with which towers and networks list theirs.
#ifndef TRANSECT_MODEL_BASE_TENSORS_H_
#define TRANSECT_MODEL_BASE_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

struct TensorInfo {
  /// The part ("siglip.", "sam.", "prompter.") and the name inside it: of
  /// SigLIP and SAM the key of Hugging Face's SiglipModel and SamModel, of the
  /// prompter the name in the released code
  /// (prompter.prompter_down_channel.conv.weight). The adapter of a module M of
  /// these has M.lora_A.weight and M.lora_B.weight.
  std::string name;
  /// As PyTorch stores it: Linear [out, in], Conv2d [out, in, k, k],
  /// ConvTranspose2d [in, out, k, k], a scalar [].
  std::vector<int64_t> shape;
  /// A factor of a LoRA adapter.
  bool adapter = false;
  /// Gets a gradient and is handed to the optimizer. Some tensors are trainable
  /// in this sense and yet never receive a gradient (SAM's IoU head).
  bool trainable = false;
  /// State without a gradient: SAM's positional matrix, statistics of norms.
  bool buffer = false;
  /// A buffer that training updates: running statistics of a norm. Not counted
  /// as a parameter, unlike the positional matrix (cost.h).
  bool statistic = false;
  /// False for tensors of the Hugging Face checkpoints that the network does
  /// not have: SigLIP's vision pooling head (siglip.vision_model.head.*)
  /// without siglip.include_dead_head. A loader accepts and skips them.
  bool used = true;
  /// The network has it, but nothing reads it: the pooling head with
  /// include_dead_head, and adapters on it. A loader takes it where a file has
  /// it.
  bool dead = false;
};

/// Number of elements: the product of the shape, 1 for a scalar.
int64_t NumElements(const TensorInfo& tensor);

/// Index of the layer of a tower that `module`, its name relative to the tower
/// ("layers.3.attn.qkv", "encoder.layers.3.mlp.fc1"), belongs to; -1 outside of
/// the layers.
int64_t LayerIndex(absl::string_view module);

/// A layer that LoRA can adapt.
struct AdaptableLayer {
  std::string module;
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 0;  ///< 0 for a linear layer.
  bool dead = false;
};

/// Collects tensors in the order of the calls.
class TensorBuilder {
 public:
  /// Apply to the tensors added from here on.
  void SetTrainable(bool trainable) { trainable_ = trainable; }
  void SetUsed(bool used) { used_ = used; }
  void SetDead(bool dead) { dead_ = dead; }

  void Add(std::string name, std::vector<int64_t> shape);
  void AddBuffer(std::string name, std::vector<int64_t> shape);
  /// running_mean, running_var and num_batches_tracked of a batch norm.
  void AddStatistics(const std::string& norm, int64_t channels);

  /// Weight [out, in] and bias of a layer that LoRA can adapt.
  void Linear(const std::string& module, int64_t in, int64_t out);
  /// Weight [out, in, kernel, kernel] of a convolution that LoRA can adapt.
  void Conv(const std::string& module, int64_t in, int64_t out, int64_t kernel,
            bool bias);
  /// Weight and bias of a norm.
  void Norm(const std::string& module, int64_t channels);
  /// The two factors of an adapter, trainable.
  void Adapter(const AdaptableLayer& layer, int64_t rank);

  /// The layers added so far.
  const std::vector<AdaptableLayer>& adaptable() const { return adaptable_; }
  std::vector<TensorInfo> TakeTensors();

 private:
  bool trainable_ = false;
  bool used_ = true;
  bool dead_ = false;
  std::vector<TensorInfo> tensors_;
  std::vector<AdaptableLayer> adaptable_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TENSORS_H_
