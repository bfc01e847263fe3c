/// \file
/// Which parameters get a gradient, as the tensor table says, and where and in
/// which type the tensors of a network lie.
#ifndef TRANSECT_MODEL_BASE_TRAINABLE_H_
#define TRANSECT_MODEL_BASE_TRAINABLE_H_

#include <torch/nn/module.h>

#include <vector>

#include "absl/status/status.h"
#include "model/base/segmentation_model.h"
#include "model/base/tensors.h"

namespace transect {

/// Sets `requires_grad` of every parameter of `model` to the trainable flag
/// that `table` has for its name. INTERNAL for a parameter that the table does
/// not list.
absl::Status SetTrainable(const torch::nn::Module& model,
                          const std::vector<TensorInfo>& table);

/// Gives frozen parameters the type `options.compute` and moves all tensors to
/// `options.device`; parameters lose their values. For a network whose flags
/// are set and whose parameters are not yet drawn.
void PlaceTensors(const torch::nn::Module& model, const BuildOptions& options);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TRAINABLE_H_
