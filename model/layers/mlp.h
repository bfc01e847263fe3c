/// \file
/// The two-layer perceptron of every transformer block.
#ifndef TRANSECT_MODEL_LAYERS_MLP_H_
#define TRANSECT_MODEL_LAYERS_MLP_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "model/lora/lora_layers.h"

namespace transect {

/// The non-linearities of the checkpoints.
enum class Activation {
  /// x Phi(x), by erf.
  kGelu,
  /// Its approximation by tanh ("gelu_pytorch_tanh").
  kGeluTanh,
  kRelu,
};
at::Tensor Activate(const at::Tensor& x, Activation activation);

/// second(activation(first(x))), back to the width it came from.
class MlpImpl : public torch::nn::Module {
 public:
  struct Options {
    int64_t width, inner;
    Activation activation;
    /// Registered names of the two layers: "fc1", "fc2" or "lin1", "lin2".
    const char* first;
    const char* second;
  };
  explicit MlpImpl(const Options& options);

  /// [..., width] to [..., width].
  at::Tensor forward(const at::Tensor& x);

 private:
  const Activation activation_;
  Linear first_{nullptr}, second_{nullptr};
};
TORCH_MODULE(Mlp);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_MLP_H_
