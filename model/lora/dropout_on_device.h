/// \file
/// Dropout on a GPU.
#ifndef TRANSECT_MODEL_LORA_DROPOUT_ON_DEVICE_H_
#define TRANSECT_MODEL_LORA_DROPOUT_ON_DEVICE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace transect {

/// Queues what ApplyDropout (model/lora/dropout.h) makes of x, into `out` or
/// added to what that holds, on the stream of the moment: one kernel
/// (dropout_kernel.h), the bits of the CPU.
/// \param keys, dropped as in DropoutDraws.
/// \param x, out contiguous, on the same GPU; float, bfloat16 or half.
/// \throws c10::Error in a program that was built without CUDA
///   (`--config=cuda`), and for another type.
void DropOnDevice(const at::Tensor& keys, int64_t dropped, const at::Tensor& x,
                  bool add, at::Tensor& out);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_DROPOUT_ON_DEVICE_H_
