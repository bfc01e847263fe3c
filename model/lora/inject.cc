#include "model/lora/inject.h"

#include <torch/torch.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/lora/lora_layers.h"

namespace transect {

absl::Status AttachAdapters(torch::nn::Module& model, const std::string& tower,
                            const LoraSpec& spec,
                            const std::vector<TensorInfo>& table,
                            std::shared_ptr<const DropoutKey> key) {
  // A copy of the list, because attaching adds modules.
  const auto modules =
      model.named_modules(/*name_prefix=*/"", /*include_self=*/false);
  const std::string prefix = tower + ".";
  for (const TensorInfo& tensor : table) {
    absl::string_view layer = tensor.name;
    if (!absl::StartsWith(layer, prefix) ||
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
          name, " is listed with an adapter but is no layer that takes one"));
    }
    adaptable->AttachLora(spec, name, key);
  }
  return absl::OkStatus();
}

}  // namespace transect
