/// \file
/// Parameters as a half-precision network computes with them.
#ifndef TRANSECT_MODEL_LAYERS_COMPUTED_VALUES_H_
#define TRANSECT_MODEL_LAYERS_COMPUTED_VALUES_H_

#include <c10/core/ScalarType.h>
#include <torch/nn/module.h>

namespace transect {

/// Gives every parameter of `model` the value that its layers compute with
/// where the network is built for `compute` (`BuildOptions::compute`), in fp32:
/// frozen ones lie rounded already, trained ones are rounded whenever they are
/// used (model/base/cast.h). Batch normalization and single numbers, such as
/// SigLIP's scale, compute in fp32 and keep their values. The network's outputs
/// keep every bit, except that SAM's corners of boxes, where they are trained,
/// would be rounded after their sum with a position.
///
/// For fp32 it changes nothing. Adapters are parameters like others.
void ToComputedValues(torch::nn::Module& model, at::ScalarType compute);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_COMPUTED_VALUES_H_
