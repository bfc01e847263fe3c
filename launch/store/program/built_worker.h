/// \file
/// The worker that belongs to this program: as Bazel built it beside the
/// program, or as it was installed with it.
#ifndef TRANSECT_LAUNCH_STORE_PROGRAM_BUILT_WORKER_H_
#define TRANSECT_LAUNCH_STORE_PROGRAM_BUILT_WORKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/program/needed_libraries.h"

namespace transect {

/// Directory of a bundle for libraries of the system.
inline constexpr absl::string_view kSystemLibraries = "system_libraries";

/// What `bazel run //:install -- PREFIX` (launch/upkeep/install/install.h)
/// makes in PREFIX/lib/transect, besides the worker and its libraries in the
/// places that they have in a bundle: the program, its libraries, and the
/// version of glibc that all of them need.
inline constexpr absl::string_view kInstalledRoot = "lib/transect";
inline constexpr absl::string_view kInstalledProgram = "bin/transect";
inline constexpr absl::string_view kProgramLibraries = "program_libraries";
inline constexpr absl::string_view kInstalledGlibc = "glibc.txt";

/// The worker as Bazel built it beside this program, or as it was installed
/// with it.
struct BuiltWorker {
  /// Root of the tree that `worker`, `modules` and `libraries` are relative to.
  /// The worker finds the others by paths relative to its own.
  std::string root;
  /// Path of the program.
  std::string worker;
  /// Paths of shared objects built from our sources that the worker opens at
  /// run time.
  std::vector<std::string> modules;
  /// Paths of shared libraries that the system does not provide.
  std::vector<std::string> libraries;
  /// Libraries of the system that worker and modules need, sorted by name:
  /// neither among `libraries` nor of glibc or the GPU driver.
  std::vector<NeededLibrary> system_libraries;
  /// Versions of LibTorch and the system libraries, a line "name version" each.
  std::string versions;
  /// Digest of the worker's lock of LibTorch.
  std::string lock;
  /// The oldest glibc that has what all these files ask of it (CodeParts).
  std::string glibc;
};

/// Beside a worker: the file of `versions`, and that of which `lock` is the
/// digest.
inline constexpr absl::string_view kWorkerVersions =
    "third_party/system/system_versions.txt";
inline constexpr absl::string_view kWorkerLock =
    "third_party/libtorch/libtorch.lock";

/// Path in a bundle of a library of the system.
std::string SystemLibraryPath(const NeededLibrary& library);

/// Finds the worker in the runfiles of the program that was started as `argv0`,
/// or beside it where the program is an installed one.
/// kNotFound if there is none or it cannot run here, because a module or a
/// library is missing: for example if the program was copied elsewhere.
/// kFailedPrecondition if it is installed and this machine's glibc is too old
/// (CheckGlibc).
absl::StatusOr<BuiltWorker> FindWorker(const std::string& argv0);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_PROGRAM_BUILT_WORKER_H_
