#include "model/layers/layer_norm.h"

#include <torch/torch.h>

#include "model/base/cast.h"

namespace transect {

LayerNormImpl::LayerNormImpl(int64_t channels, double eps) : eps_(eps) {
  weight_ = register_parameter("weight", torch::empty({channels}));
  bias_ = register_parameter("bias", torch::empty({channels}));
}

at::Tensor LayerNormImpl::forward(const at::Tensor& x) {
  return at::layer_norm(x, weight_.sizes(), InTypeOf(x, weight_),
                        InTypeOf(x, bias_), eps_);
}

}  // namespace transect
