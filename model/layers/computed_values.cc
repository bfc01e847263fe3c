#include "model/layers/computed_values.h"

#include <torch/torch.h>

#include "model/layers/sync_batch_norm.h"

namespace transect {

void ToComputedValues(torch::nn::Module& model, at::ScalarType compute) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : model.modules(/*include_self=*/false)) {
    const bool full = dynamic_cast<SyncBatchNormImpl*>(module.get()) != nullptr;
    for (at::Tensor& parameter : module->parameters(/*recurse=*/false)) {
      const at::Tensor value = full || parameter.numel() == 1
                                   ? parameter.detach()
                                   : parameter.detach().to(compute);
      parameter.set_data(value.to(at::kFloat));
    }
  }
}

}  // namespace transect
