/// \file
/// The bundle: a copy in the store of the worker and all libraries that it maps
/// but those of glibc and the GPU driver. Attempts execute the copy, so neither
/// a rebuild in the middle of a sweep nor an upgrade of packages changes
/// anything.
///
/// The *code part* of a run's id is a digest of what decides what the worker
/// computes: the bytes of the worker, its modules and those libraries, the lock
/// of LibTorch and the versions of what was compiled in. Libraries are hashed
/// through the digest cache, so `plan` hashes them only in a store that has no
/// bundle of this build (640 MB, half a second).
///
/// Inside a bundle every file keeps its place relative to the worker; libraries
/// that the build found on the system lie in kSystemLibraries. The worker
/// carries both places as DT_RPATH (launch/worker/BUILD), which, unlike the
/// usual DT_RUNPATH, comes before LD_LIBRARY_PATH and also holds for what the
/// libraries need themselves and for what is opened later. So a bundle needs no
/// environment variable, also when someone starts it in a debugger. The worker
/// checks that it got its own libraries (launch/worker/mapped_libraries.h).
#ifndef TRANSECT_LAUNCH_STORE_BUNDLE_H_
#define TRANSECT_LAUNCH_STORE_BUNDLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/code.pb.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/store.h"

namespace transect {

/// What the code part is a digest of, without commit. Reads the worker and its
/// modules, and those libraries whose digests `store` does not know; writes
/// nothing.
absl::StatusOr<CodeParts> MakeCodeParts(const BuiltWorker& built,
                                        const Store& store);

/// The code part: 32 hexadecimal digits.
std::string CodeDigest(const CodeParts& parts);

/// What InstallBundle wrote about the bundle `code`. kNotFound if there is no
/// such bundle, or it is older than that file.
absl::StatusOr<CodeParts> ReadCodeParts(const Store& store,
                                        absl::string_view code);

/// Whether the bundle `code` of `store` holds what its code part is a digest
/// of, byte by byte, and nothing else; digests of files that did not change
/// since the last check come from the digest cache. kDataLoss, with the file
/// and what to do, if it does not; kFailedPrecondition if a Transect made it
/// that did not record its libraries, or if this machine's glibc is too old for
/// it (CheckGlibc), which is looked at first; kNotFound if there is no such
/// bundle.
absl::Status CheckBundle(const Store& store, absl::string_view code);

/// Makes the bundle of `parts`, which MakeCodeParts made of `built`, in `store`
/// unless it exists, and returns the absolute path of the worker in it. All
/// files are copies, none is a link to a file of the build or the system;
/// bundles of one store share libraries by hard links. The bundle appears
/// complete or not at all; several processes may do this at once. kAborted if
/// the build changed since `parts` were made. An existing bundle is checked as
/// CheckBundle does, with its errors.
absl::StatusOr<std::string> InstallBundle(const BuiltWorker& built,
                                          const CodeParts& parts,
                                          const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_BUNDLE_H_
