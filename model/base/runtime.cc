#include "model/base/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#ifdef TRANSECT_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace transect {

void ComputeReproducibly(int threads) {
  at::set_num_threads(threads);
  at::Context& context = at::globalContext();
  // Without it cuBLAS picks work spaces by timing, and LibTorch refuses.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/1);
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  // It would overwrite every new tensor with NaN first: a debugging aid.
  context.setDeterministicFillUninitializedMemory(false);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  context.setAllowFP16ReductionCuBLAS(false);
  context.setAllowBF16ReductionCuBLAS(false);
}

void ComputeFast(int threads) {
  ComputeReproducibly(threads);
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(false, /*warn_only=*/false);
  context.setBenchmarkCuDNN(true);
  context.setAllowFP16ReductionCuBLAS(true);
  context.setAllowBF16ReductionCuBLAS(true);
}

std::string CpuKernels() { return at::get_cpu_capability(); }

#ifdef TRANSECT_CUDA

bool BuiltWithCuda() { return true; }

absl::StatusOr<c10::Device> OpenGpu(int index) {
  int count = 0;
  try {
    count = c10::cuda::device_count_ensure_non_zero();
  } catch (const c10::Error& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("no GPU to compute on: ", error.what_without_backtrace()));
  }
  if (index < 0 || index >= count) {
    return absl::FailedPreconditionError(
        absl::StrCat("GPU ", index, " is wanted, but this machine shows ",
                     count, " of them (CUDA_VISIBLE_DEVICES hides some)"));
  }
  const c10::Device device(c10::DeviceType::CUDA,
                           static_cast<c10::DeviceIndex>(index));
  try {
    c10::cuda::set_device(device.index());
    c10::cuda::device_synchronize();
  } catch (const c10::Error& error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "GPU ", index, " does not answer: ", error.what_without_backtrace()));
  }
  return device;
}

DeviceMemory PeakDeviceMemory(c10::Device device) {
  if (!device.is_cuda()) return {};
  const auto stats =
      c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
  return {stats.allocated_bytes[0].peak, stats.reserved_bytes[0].peak};
}

void Synchronise(c10::Device device) {
  if (!device.is_cuda()) return;
  const c10::cuda::CUDAGuard guard(device);
  c10::cuda::device_synchronize();
}

#else

bool BuiltWithCuda() { return false; }

absl::StatusOr<c10::Device> OpenGpu(int index) {
  return absl::UnimplementedError(absl::StrCat(
      "GPU ", index,
      " is wanted, but this program was built without --config=cuda"));
}

DeviceMemory PeakDeviceMemory(c10::Device) { return {}; }

void Synchronise(c10::Device) {}

#endif

}  // namespace transect
