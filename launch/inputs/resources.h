/// \file
/// What jobs on this machine may take together.
#ifndef TRANSECT_LAUNCH_INPUTS_RESOURCES_H_
#define TRANSECT_LAUNCH_INPUTS_RESOURCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "launch/inputs/gpus.h"
#include "launch/inputs/site.pb.h"

namespace transect {

struct Resources {
  /// Processors that this process may use (launch/inputs/limits.h).
  int processors = 1;
  /// Bytes of memory that it may use at most, and what is free of them now; 0
  /// where they are not known.
  int64_t memory_bytes = 0;
  int64_t free_memory_bytes = 0;
  /// Whether the memory is that of a control group, and not all of the machine.
  bool memory_group = false;
  /// GPUs (launch/inputs/gpus.h) and the memory of each; 0 if not known.
  std::vector<Gpu> gpus;
  int64_t gpu_memory_bytes = 0;
  /// Where the GPUs come from: Gpus.origin.
  std::string gpu_origin;
};

/// Looks at this machine and this process.
Resources FindResources(const Site& site);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_RESOURCES_H_
