/// \file
/// Devices, and how LibTorch computes in this process.
#ifndef TRANSECT_MODEL_BASE_RUNTIME_H_
#define TRANSECT_MODEL_BASE_RUNTIME_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace transect {

/// Whether this program was built with --config=cuda.
bool BuiltWithCuda();

/// The GPU of this index as a device that computes.
/// \returns UNIMPLEMENTED without --config=cuda; FAILED_PRECONDITION, with what
///   is missing, where the driver, a GPU or this one of them is not there.
absl::StatusOr<c10::Device> OpenGpu(int index);

/// Deterministic kernels, fp32 in full (no TF32) and half-precision products
/// summed in fp32, on `threads` threads of the CPU. To be called before
/// anything is computed; it sets process-wide state and, for cuBLAS, the
/// environment variable CUBLAS_WORKSPACE_CONFIG.
void ComputeReproducibly(int threads);

/// The same with the fastest kernels that LibTorch knows: cuDNN's are chosen by
/// timing, and sums of half-precision products may be rounded on the way. A
/// repetition may give other bits; fp32 stays fp32.
void ComputeFast(int threads);

/// Instruction set that LibTorch's own kernels for the CPU use in this process:
/// "AVX512", "AVX2" or "DEFAULT".
std::string CpuKernels();

/// Most bytes that tensors have taken on `device` so far, and most that
/// LibTorch has reserved there for them; 0 for the CPU.
struct DeviceMemory {
  int64_t allocated = 0;
  int64_t reserved = 0;
};
DeviceMemory PeakDeviceMemory(c10::Device device);

/// Waits until all work on `device` is done.
void Synchronise(c10::Device device);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_RUNTIME_H_
