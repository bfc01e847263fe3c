#include "model/lora/merge.h"

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>

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

MergedAdapters::MergedAdapters(torch::nn::Module& model) {
  for (const std::shared_ptr<torch::nn::Module>& module :
       model.modules(/*include_self=*/false)) {
    auto layer = std::dynamic_pointer_cast<LoraLayerImpl>(module);
    if (layer != nullptr && layer->Merge()) merged_.push_back(std::move(layer));
  }
}

MergedAdapters::~MergedAdapters() {
  for (const std::shared_ptr<LoraLayerImpl>& layer : merged_) layer->Unmerge();
}

}  // namespace transect
