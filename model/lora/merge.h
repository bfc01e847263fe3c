/// \file
/// Adapters worked into the weights that they adapt.
#ifndef TRANSECT_MODEL_LORA_MERGE_H_
#define TRANSECT_MODEL_LORA_MERGE_H_

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "model/lora/adapter_towers.h"
#include "model/lora/lora_layers.h"

namespace transect {

/// Adds B A * alpha / rank to every adapted weight, as PEFT merges: of a
/// convolution the factors are taken as matrices over output and input
/// channels, the kernel's cells beside the input channels. Then B is zero, so
/// that the network computes what it did in evaluation, up to rounding.
/// `towers` are those of the spec that the network was built from
/// (model/parts.h).
/// \throws c10::Error where the model does not have them.
void MergeAdapters(torch::nn::Module& model,
                   const std::vector<AdapterTower>& towers);

/// As long as this lives, `model` evaluates with its adapters merged
/// (LoraLayerImpl::Merge), which keeps a second weight for each adapted layer;
/// its parameters stay as they are and must not change meanwhile. The same on
/// every rank, since it depends on the parameters alone.
class MergedAdapters {
 public:
  /// \throws c10::Error where memory runs out; nothing is merged then.
  explicit MergedAdapters(torch::nn::Module& model);
  ~MergedAdapters();
  MergedAdapters(const MergedAdapters&) = delete;
  MergedAdapters& operator=(const MergedAdapters&) = delete;

 private:
  std::vector<std::shared_ptr<LoraLayerImpl>> merged_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_MERGE_H_
