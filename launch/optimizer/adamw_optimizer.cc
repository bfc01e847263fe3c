#include "launch/optimizer/adamw_optimizer.h"

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

std::map<std::string, at::Tensor> TrainedTensors(
    const torch::nn::Module& model) {
  std::map<std::string, at::Tensor> by_name;
  for (const auto& parameter : model.named_parameters()) {
    if (parameter.value().requires_grad()) {
      by_name.emplace(parameter.key(), parameter.value());
    }
  }
  return by_name;
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
  int64_t offset = 0;
  for (const at::Tensor& tensor : trained) {
    slots_.push_back({offset, tensor.sizes().vec()});
    offset += SlotSize(tensor);
  }
  const torch::NoGradGuard no_grad;
  const std::vector<at::Tensor> values = Slots(values_),
                                gradients = Slots(gradients_);
  for (size_t i = 0; i < trained.size(); ++i) {
    values[i].copy_(trained[i]);
    trained[i].set_data(values[i]);
    trained[i].mutable_grad() = gradients[i];
  }
}

std::vector<at::Tensor> AdamWOptimizer::Slots(const at::Tensor& flat) const {
  std::vector<at::Tensor> views;
  for (const Slot& slot : slots_) {
    views.push_back(
        flat.narrow(0, slot.offset, c10::multiply_integers(slot.shape))
            .view(slot.shape));
  }
  return views;
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
