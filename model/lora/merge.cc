#include "model/lora/merge.h"

#include <torch/torch.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace transect {

void MergeAdapters(torch::nn::Module& model,
                   const std::vector<AdapterTower>& towers) {
  const torch::NoGradGuard no_grad;
  const auto parameters = model.named_parameters();
  for (const AdapterTower& tower : towers) {
    const double scale = tower.lora->alpha() / tower.lora->rank();
    for (const auto& parameter : parameters) {
      absl::string_view layer = parameter.key();
      if (!absl::StartsWith(layer, tower.prefix) ||
          !absl::ConsumeSuffix(&layer, ".lora_A.weight")) {
        continue;
      }
      const std::string name(layer);
      const at::Tensor& a = parameter.value();
      const at::Tensor& b = parameters[name + ".lora_B.weight"];
      const at::Tensor& weight = parameters[name + ".weight"];
      const at::Tensor delta = at::mm(b.flatten(1), a.flatten(1));
      weight.add_(delta.view_as(weight).to(weight.scalar_type()), scale);
      b.zero_();
    }
  }
}

}  // namespace transect
