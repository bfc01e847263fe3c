#include "model/base/trainable.h"

#include <torch/torch.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace transect {

absl::Status SetTrainable(const torch::nn::Module& model,
                          const std::vector<TensorInfo>& table) {
  std::map<std::string, bool> trainable;
  for (const TensorInfo& tensor : table) {
    trainable[tensor.name] = tensor.trainable;
  }
  for (const auto& parameter : model.named_parameters()) {
    const auto listed = trainable.find(parameter.key());
    if (listed == trainable.end()) {
      return absl::InternalError(absl::StrCat("parameter ", parameter.key(),
                                              " is not in the tensor table"));
    }
    parameter.value().requires_grad_(listed->second);
  }
  return absl::OkStatus();
}

// Nothing has touched the parameters' memory yet, so no moment has them in two
// types: what the system has handed out for them so far is addresses.
void PlaceTensors(const torch::nn::Module& model, const BuildOptions& options) {
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : model.parameters()) {
    // A single number, like SigLIP's scale, costs nothing in fp32.
    const bool full = parameter.requires_grad() || parameter.numel() == 1;
    const at::ScalarType type = full ? at::kFloat : options.compute;
    if (parameter.scalar_type() == type &&
        parameter.device() == options.device) {
      continue;
    }
    parameter.set_data(
        at::empty(parameter.sizes(),
                  parameter.options().dtype(type).device(options.device)));
  }
  for (at::Tensor& buffer : model.buffers()) {
    buffer.set_data(buffer.to(options.device));
  }
}

}  // namespace transect
