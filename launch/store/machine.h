/// \file
/// The machine as far as it can change numbers: what `Result` and `Provenance`
/// (result.proto) say about it, and whether two of them are of one kind. It is
/// recorded beside results and enters no id.
///
/// Sources: /proc/cpuinfo, /proc/driver/nvidia and the loaded C library.
#ifndef TRANSECT_LAUNCH_STORE_MACHINE_H_
#define TRANSECT_LAUNCH_STORE_MACHINE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Model name of the processor; "" if unknown.
std::string ProcessorModel();

/// A GPU that the driver shows.
struct DriverGpu {
  /// Model name.
  std::string model;
  /// "GPU-" and hexadecimal digits; "" if unknown.
  std::string uuid;
};

/// The GPUs that the driver shows and this process may open, in the order of
/// their places on the bus, which is CUDA's with CUDA_DEVICE_ORDER=PCI_BUS_ID;
/// empty without any. `root` is put before /proc and /dev: for tests.
std::vector<DriverGpu> DriverGpus(const std::string& root = "");

/// Their model names.
std::vector<std::string> GpuModels();

/// This machine and this process, but `kernels`, `mkl` and `threads`, which
/// only a worker knows; GPUs and driver only if `gpus`. Never fails: what
/// cannot be found out is absent. Takes some milliseconds.
MachineIdentity DescribeMachine(bool gpus);

/// The instruction sets in `flags`, the "flags" line of /proc/cpuinfo, by which
/// oneDNN and MKL choose kernels; sorted.
std::vector<std::string> KernelInstructions(absl::string_view flags);

/// The kind of `machine`, one line for people: model of the processor,
/// instruction sets, version of glibc with the first digits of libm's digest,
/// GPUs and driver. Two results were computed on the same kind of machine if
/// and only if these are equal; then one spec under one code gives the same
/// bits. Threads are not in it, as `training.threads_per_rank` is in the spec,
/// nor is the compiler, as the binaries that it made are in the code part. ""
/// where nothing was recorded.
std::string MachineKind(const MachineIdentity& machine);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_MACHINE_H_
