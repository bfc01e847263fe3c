#include "launch/training/adamw_optimizer.h"

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiments/training/training.pb.h"

namespace transect {
namespace {

int64_t SlotSize(const at::Tensor& tensor) {
  constexpr int64_t kAlignment = AdamWOptimizer::kAlignment;
  return (tensor.numel() + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

std::vector<at::Tensor> TrainedTensors(const torch::nn::Module& model) {
  std::map<std::string, at::Tensor> by_name;
  for (const auto& parameter : model.named_parameters()) {
    if (parameter.value().requires_grad()) {
      by_name.emplace(parameter.key(), parameter.value());
    }
  }
  std::vector<at::Tensor> tensors;
  for (auto& [name, tensor] : by_name) {
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

AdamWOptimizer::AdamWOptimizer(std::vector<at::Tensor> trained,
                               const AdamWSpec& spec)
    : spec_(spec) {
  TORCH_CHECK(!trained.empty(), "optimizer: no tensor is trained");
  int64_t size = 0;
  for (const at::Tensor& tensor : trained) {
    TORCH_CHECK(tensor.scalar_type() == at::kFloat,
                "optimizer: trained tensors must be float32, got ",
                tensor.scalar_type());
    size += SlotSize(tensor);
  }
  const at::TensorOptions options =
      at::TensorOptions().dtype(at::kFloat).device(trained[0].device());
  values_ = at::zeros({size}, options);
  gradients_ = at::zeros({size}, options);
  first_moment_ = at::zeros({size}, options);
  second_moment_ = at::zeros({size}, options);
  steps_ = at::zeros({}, options);
  const torch::NoGradGuard no_grad;
  int64_t offset = 0;
  for (at::Tensor& tensor : trained) {
    const at::Tensor slot =
        values_.narrow(0, offset, tensor.numel()).view(tensor.sizes());
    slot.copy_(tensor);
    tensor.set_data(slot);
    tensor.mutable_grad() =
        gradients_.narrow(0, offset, tensor.numel()).view(tensor.sizes());
    offset += SlotSize(tensor);
  }
}

void AdamWOptimizer::ZeroGradients() { gradients_.zero_(); }

void AdamWOptimizer::ScaleGradients(double factor) { gradients_.mul_(factor); }

void AdamWOptimizer::Step(double lr) {
  const torch::NoGradGuard no_grad;
  steps_.add_(1);
  at::_fused_adamw_({values_}, {gradients_}, {first_moment_}, {second_moment_},
                    /*max_exp_avg_sqs=*/{}, {steps_}, lr, spec_.beta1(),
                    spec_.beta2(), spec_.weight_decay(), spec_.eps(),
                    /*amsgrad=*/false, /*maximize=*/false);
}

}  // namespace transect
