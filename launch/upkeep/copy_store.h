/// \file
/// Copies runs of a store, with all that they need, to another directory, where
/// they are valid: on another disk, or to be taken to another machine.
///
/// Copied are jobs with their attempts, results and evaluations; what they read
/// that was made in the store, and what that read; the bundles of their codes;
/// and, where everything is copied, reports, measured speeds and lists of found
/// inputs. Not copied are leases, staging directories, caches and views, which
/// are of their machine.
///
/// A file appears complete or not at all, and the result of a job after its
/// other files. So an interrupted copy is a valid store at any time, and the
/// same command goes on with it: files that are there with the size and the
/// time of the original are not copied again.
#ifndef TRANSECT_LAUNCH_UPKEEP_COPY_STORE_H_
#define TRANSECT_LAUNCH_UPKEEP_COPY_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/store/store.h"

namespace transect {

/// What was copied.
struct StoreCopy {
  int jobs = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  /// Files that were there already.
  int64_t kept_files = 0;
  /// What was left out, and why.
  std::vector<std::string> notes;
};

/// Copies from `from` to `to`, which may hold other runs. `runs` are job
/// directories of runs; with `all` everything is copied and they are ignored.
/// A job whose lease is held in either store is left out, with a note; so is
/// one that `to` has another result of. `progress` is called with the jobs and
/// bundles done and to do. Errors of the system, with the path.
absl::StatusOr<StoreCopy> CopyStore(
    const Store& from, const std::vector<std::string>& runs, bool all,
    const Store& to, const std::function<void(int done, int total)>& progress);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_COPY_STORE_H_
