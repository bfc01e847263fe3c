/// \file
/// The bundle: a copy in the store of the worker and its libraries. Attempts
/// execute the copy, so a rebuild in the middle of a sweep changes nothing.
///
/// The *code part* of a run's id is a digest of what decides what the worker
/// computes: the worker and its modules, the lock of LibTorch and the versions
/// of the system libraries. The libraries themselves are not hashed for it:
/// that would take longer than everything else `plan` does.
#ifndef TRANSECT_LAUNCH_STORE_BUNDLE_H_
#define TRANSECT_LAUNCH_STORE_BUNDLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/code.pb.h"
#include "launch/store/store.h"

namespace transect {

/// The worker as Bazel built it beside this program.
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
  /// Versions of LibTorch and the system libraries, a line "name version" each.
  std::string versions;
  /// Digest of the worker's lock of LibTorch.
  std::string lock;
};

/// Finds the worker in the runfiles of the program that was started as `argv0`.
/// kNotFound if there is none or a module is missing, for example because the
/// program was copied elsewhere.
absl::StatusOr<BuiltWorker> FindWorker(const std::string& argv0);

/// What the code part is a digest of. Reads the worker and its modules.
absl::StatusOr<CodeParts> MakeCodeParts(const BuiltWorker& built);

/// The code part: 32 hexadecimal digits.
std::string CodeDigest(const CodeParts& parts);

/// What InstallBundle wrote about the bundle `code`. kNotFound if there is no
/// such bundle, or it is older than that file.
absl::StatusOr<CodeParts> ReadCodeParts(const Store& store,
                                        absl::string_view code);

/// Makes the bundle `code` of `built` in `store` unless it exists, and returns
/// the absolute path of the worker in it. Libraries are hard links to the files
/// of the build if store and build share a file system, else copies that
/// bundles share. The bundle appears complete or not at all; several processes
/// may do this at once. kDataLoss if an existing bundle has a different worker
/// or module than `built`.
absl::StatusOr<std::string> InstallBundle(const BuiltWorker& built,
                                          absl::string_view code,
                                          const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_BUNDLE_H_
