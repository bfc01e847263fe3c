/// \file
/// The address of a network interface of this machine.
#ifndef TRANSECT_LAUNCH_SLURM_INTERFACE_ADDRESS_H_
#define TRANSECT_LAUNCH_SLURM_INTERFACE_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"

namespace transect {

/// The first IPv4 address of the interface `name`, such as "ib0", in numbers.
/// kNotFound, with the interfaces that have one, if it has none.
absl::StatusOr<std::string> InterfaceAddress(const std::string& name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_INTERFACE_ADDRESS_H_
