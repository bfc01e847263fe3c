/// \file
/// Activation checkpointing (Chen et al., "Training deep nets with sublinear
/// memory cost", 2016): a block's activations are computed again in the
/// backward pass instead of being kept.
#ifndef TRANSECT_MODEL_LAYERS_ACTIVATION_CHECKPOINTING_H_
#define TRANSECT_MODEL_LAYERS_ACTIVATION_CHECKPOINTING_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <functional>

namespace transect {

/// block(x), of which the autograd graph keeps x alone.
///
/// `block` runs a second time inside the backward pass and must compute the
/// same: its random draws are keyed (model/lora/dropout.h), and it may change
/// no state. Tensors that it captures must not need a gradient, apart from the
/// parameters of `module`, whose gradients accumulate as usual. Outputs and
/// gradients have the bits of block(x).
///
/// Without grad mode, or where neither x nor a parameter of `module` needs a
/// gradient, it is block(x).
at::Tensor CheckpointActivations(
    const torch::nn::Module& module, const at::Tensor& x,
    const std::function<at::Tensor(const at::Tensor&)>& block);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_ACTIVATION_CHECKPOINTING_H_
