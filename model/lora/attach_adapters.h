/// \file
/// Attaching LoRA adapters to the layers of a network.
#ifndef TRANSECT_MODEL_LORA_ATTACH_ADAPTERS_H_
#define TRANSECT_MODEL_LORA_ATTACH_ADAPTERS_H_

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "model/base/tensors.h"
#include "model/lora/adapter_towers.h"
#include "model/lora/dropout.h"

namespace transect {

/// Attaches an adapter to every layer of `towers` for which `table` lists
/// factors; the table is the one place that decides which layers match a
/// target.
///
/// \param model the whole network, whose names are those of the table.
/// \param towers whose rank, alpha and dropout the adapters get.
/// \param key what dropout masks depend on; shared by all adapters.
/// \returns INTERNAL if the table names a layer that cannot be adapted.
absl::Status AttachAdapters(torch::nn::Module& model,
                            const std::vector<AdapterTower>& towers,
                            const std::vector<TensorInfo>& table,
                            const std::shared_ptr<const DropoutKey>& key);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_ATTACH_ADAPTERS_H_
