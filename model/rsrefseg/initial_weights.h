/// \file
/// Initial values of every parameter of RSRefSeg, and of networks that are made
/// of some of its parts (siglip, sam, prompter).
///
/// | tensors                          | rule                                  |
/// |----------------------------------|---------------------------------------|
/// | norms                            | weight 1, bias 0                      |
/// | LoRA                             | A Kaiming uniform (a = sqrt(5)), B 0  |
/// | siglip: tables                   | normal, 1 / sqrt(C)                   |
/// | siglip: attention, MLP           | Xavier uniform; biases 0, of MLPs     |
/// |                                  | normal 1e-6                           |
/// | siglip: patch embedding, head    | LeCun normal, bias 0                  |
/// | siglip: logit_scale, logit_bias  | log 10, -10                           |
/// | sam: tokens, point and mask rows | normal, 1                             |
/// | sam: positional matrix           | normal, 1                             |
/// | sam: position tables             | normal, 0.02                          |
/// | sam: linear and convolution      | PyTorch's: uniform, 1 / sqrt(fan_in)  |
/// | prompter: convolutions           | mmcv's: normal, sqrt(2 / fan_out);    |
/// |                                  | bias 0                                |
///
/// Sources: `_init_weights` of Transformers' SigLIP; facebookresearch/
/// segment-anything, which leaves its layers as PyTorch makes them; mmcv's
/// `ConvModule`; PEFT. Departure: SAM starts its position tables at 0.
#ifndef TRANSECT_MODEL_RSREFSEG_INITIAL_WEIGHTS_H_
#define TRANSECT_MODEL_RSREFSEG_INITIAL_WEIGHTS_H_

#include <torch/nn/module.h>

#include <cstdint>

namespace transect {

/// Overwrites all parameters of `model` and its positional matrix; the
/// statistics of norms stay. A tensor's values depend on (seed, name, shape).
/// \throws c10::Error for a parameter without a rule.
void DrawInitialWeights(torch::nn::Module& model, uint64_t seed);

}  // namespace transect

#endif  // TRANSECT_MODEL_RSREFSEG_INITIAL_WEIGHTS_H_
