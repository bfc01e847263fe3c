#include "model/layers/mlp.h"

#include <torch/torch.h>

namespace transect {

at::Tensor Activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kRelu:
      return at::relu(x);
  }
  TORCH_CHECK(false, "unknown activation");
}

MlpImpl::MlpImpl(const Options& options) : activation_(options.activation) {
  first_ = register_module(options.first, Linear(options.width, options.inner));
  second_ =
      register_module(options.second, Linear(options.inner, options.width));
}

at::Tensor MlpImpl::forward(const at::Tensor& x) {
  return second_->forward(Activate(first_->forward(x), activation_));
}

}  // namespace transect
