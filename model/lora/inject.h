/// \file
/// Attaching adapters to the layers of a tower.
#ifndef TRANSECT_MODEL_LORA_INJECT_H_
#define TRANSECT_MODEL_LORA_INJECT_H_

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/lora/dropout.h"
#include "model/model.pb.h"
#include "model/tensor_table.h"

namespace transect {

/// Attaches an adapter to every layer below `tower` for which `table` lists
/// factors; the table (model/tensor_table.h) is the one place that decides
/// which layers match a target.
///
/// \param model the whole network, whose names are those of the table.
/// \param tower name of the tower in it, e.g. "siglip.text_model".
/// \param spec rank, alpha and dropout of this tower's adapters.
/// \param key what dropout masks depend on; shared by all adapters.
/// \returns INTERNAL if the table names a layer that cannot be adapted.
absl::Status AttachAdapters(torch::nn::Module& model, const std::string& tower,
                            const LoraSpec& spec,
                            const std::vector<TensorInfo>& table,
                            std::shared_ptr<const DropoutKey> key);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_INJECT_H_
