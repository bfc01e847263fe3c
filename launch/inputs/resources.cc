#include "launch/inputs/resources.h"

#include <utility>

#include "launch/inputs/gpus.h"
#include "launch/inputs/limits.h"

namespace transect {

Resources FindResources(const Site& site) {
  const Limits limits = ReadLimits();
  Gpus gpus = FindGpus(site);
  Resources resources;
  resources.processors = limits.processors;
  resources.memory_bytes = limits.memory_bytes;
  resources.free_memory_bytes = limits.free_memory_bytes;
  resources.memory_group = limits.memory_group;
  resources.gpus = std::move(gpus.gpus);
  resources.gpu_memory_bytes = site.gpu_memory_bytes();
  resources.gpu_origin = std::move(gpus.origin);
  return resources;
}

}  // namespace transect
