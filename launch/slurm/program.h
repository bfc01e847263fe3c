/// \file
/// A copy of `transect` in the store, which jobs of Slurm execute: the build
/// may be changed or gone when they start.
#ifndef TRANSECT_LAUNCH_SLURM_PROGRAM_H_
#define TRANSECT_LAUNCH_SLURM_PROGRAM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {

/// Digest of this program and its libraries, but those of glibc. Errors name
/// the file.
absl::StatusOr<std::string> ProgramDigest();

/// Copies them into `store` unless they are there, and returns the digest, the
/// name of the directory.
absl::StatusOr<std::string> InstallProgram(const Store& store);

/// The program in that directory.
std::string ProgramPath(const Store& store, absl::string_view digest);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_PROGRAM_H_
