/// \file
/// Adapters worked into the weights that they adapt.
#ifndef TRANSECT_MODEL_LORA_MERGE_H_
#define TRANSECT_MODEL_LORA_MERGE_H_

#include <torch/nn/module.h>

#include "model/model.pb.h"

namespace transect {

/// Adds B A * alpha / rank to every adapted weight, as PEFT merges: of a
/// convolution the factors are taken as matrices over output and input
/// channels, the kernel's cells beside the input channels. Then B is zero, so
/// that the network computes what it did in evaluation, up to rounding.
/// `spec` is the resolved one that the network was built from.
/// \throws c10::Error where the model is not of that spec.
void MergeAdapters(torch::nn::Module& model, const ModelSpec& spec);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_MERGE_H_
