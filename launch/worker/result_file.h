/// \file
/// The last file of a job: result.textproto, the only proof that it is done.
///
/// input: what the job made; output: a `Result` (launch/store/result.proto)
/// that lists its files with sizes and digests. Rank 0 writes it, after every
/// other file of the job is on the disk. `CheckResult` (launch/store/store.h)
/// reads it.
#ifndef TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_
#define TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// A result with the identity of `plan` and no files yet.
Result StartResult(const LaunchPlan& plan);

/// Adds the file at `path`, relative to the job's directory, with its size and
/// SHA-256. INPUT_OUTPUT if it cannot be read.
absl::Status AddResultFile(const LaunchPlan& plan, absl::string_view path,
                           Result* result);

/// Adds the metric logs of all ranks.
absl::Status AddMetricLogs(const LaunchPlan& plan, Result* result);

/// Sets the wall time since `start`, the largest resident size of this process
/// so far and the machine, and writes result.textproto atomically. INTERNAL,
/// and no result, if a library was mapped by now that is not the bundle's
/// (mapped_libraries.h).
absl::Status WriteResult(const LaunchPlan& plan, absl::Time start,
                         Result* result);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_
