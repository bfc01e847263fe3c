/// \file
/// Dropout on a GPU, as one kernel that draws in registers.
#ifndef TRANSECT_MODEL_LORA_DROPOUT_KERNEL_H_
#define TRANSECT_MODEL_LORA_DROPOUT_KERNEL_H_

#include <cuda_runtime_api.h>

#include <cstdint>

namespace transect {

/// Types of elements that the kernel knows.
enum class DropoutElement { kFloat, kBFloat16, kHalf };

/// One call: `samples` samples of `per_sample` elements each, one after the
/// other in memory.
struct DropoutCall {
  DropoutElement type = DropoutElement::kFloat;
  /// Of the device.
  const void* x = nullptr;
  void* out = nullptr;
  /// Whether the result is added to what `out` holds.
  bool add = false;
  /// Of the host: DropoutDraws::keys.
  const int64_t* keys = nullptr;
  int64_t samples = 0;
  int64_t per_sample = 0;
  uint32_t dropped = 0;
  float factor = 1;
};

/// Queues it on `stream` and returns. The same bits as the CPU's
/// (model/lora/dropout.h).
cudaError_t QueueDropout(const DropoutCall& call, cudaStream_t stream);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_DROPOUT_KERNEL_H_
