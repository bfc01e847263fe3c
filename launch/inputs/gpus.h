/// \file
/// The GPUs that runs on this machine may take. No CUDA library is asked.
///
/// They are those of the site file, else those that the driver shows
/// (DriverGpus, launch/store/machine.h), and of them only those that the
/// environment variable CUDA_VISIBLE_DEVICES leaves, as CUDA reads it: numbers,
/// UUIDs or their beginnings, names of MIG devices; the list ends at the first
/// entry that is none of them, and an empty one leaves nothing.
#ifndef TRANSECT_LAUNCH_INPUTS_GPUS_H_
#define TRANSECT_LAUNCH_INPUTS_GPUS_H_

#include <optional>
#include <string>
#include <vector>

#include "launch/inputs/site.pb.h"
#include "launch/store/machine.h"

namespace transect {

struct Gpu {
  /// Its entry of CUDA_VISIBLE_DEVICES.
  std::string name;
  /// What it is called on this machine, whichever process asks: its UUID, or
  /// `name` where that is not known.
  std::string key;

  /// Whether it is a part of a GPU. A process sees one of these at most.
  bool IsMig() const;
};

struct Gpus {
  std::vector<Gpu> gpus;
  /// Where they come from, for people: "the driver shows 4", "the site file
  /// names 8, CUDA_VISIBLE_DEVICES=2,3 leaves 2".
  std::string origin;
};

/// The GPUs, by what the environment says: `visible` is CUDA_VISIBLE_DEVICES,
/// and `by_bus` whether CUDA_DEVICE_ORDER is PCI_BUS_ID. Pure.
Gpus ChooseGpus(const Site& site, const std::vector<DriverGpu>& driver,
                const std::optional<std::string>& visible, bool by_bus);

/// Those of this process.
Gpus FindGpus(const Site& site);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_GPUS_H_
