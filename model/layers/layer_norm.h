/// \file
/// Layer normalization over the last axis.
#ifndef TRANSECT_MODEL_LAYERS_LAYER_NORM_H_
#define TRANSECT_MODEL_LAYERS_LAYER_NORM_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

namespace transect {

/// y = (x - mean) / sqrt(variance + eps) * weight + bias. Parameters weight,
/// bias [C], used in the type of x; mean and variance are computed in fp32 for
/// half-precision inputs.
class LayerNormImpl : public torch::nn::Module {
 public:
  LayerNormImpl(int64_t channels, double eps);

  /// [..., C] to the same.
  at::Tensor forward(const at::Tensor& x);

 private:
  const double eps_;
  at::Tensor weight_, bias_;
};
TORCH_MODULE(LayerNorm);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_LAYER_NORM_H_
