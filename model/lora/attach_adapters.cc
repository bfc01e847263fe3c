#include "model/lora/attach_adapters.h"

#include <torch/torch.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/lora/lora_layers.h"

namespace transect {

absl::Status AttachAdapters(torch::nn::Module& model,
                            const std::vector<AdapterTower>& towers,
                            const std::vector<TensorInfo>& table,
                            const std::shared_ptr<const DropoutKey>& key) {
  // A copy of the list, because attaching adds modules.
  const auto modules =
      model.named_modules(/*name_prefix=*/"", /*include_self=*/false);
  for (const AdapterTower& tower : towers) {
    for (const TensorInfo& tensor : table) {
      absl::string_view layer = tensor.name;
      if (!absl::StartsWith(layer, tower.prefix) ||
          !absl::ConsumeSuffix(&layer, ".lora_A.weight")) {
        continue;
      }
      const std::string name(layer);
      const auto* module = modules.find(name);
      auto* adaptable = module == nullptr
                            ? nullptr
                            : dynamic_cast<LoraLayerImpl*>(module->get());
      if (adaptable == nullptr) {
        return absl::InternalError(absl::StrCat(
            name,
            " is listed with an adapter but is not a layer that takes one"));
      }
      adaptable->AttachLora(*tower.lora, name, key);
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
