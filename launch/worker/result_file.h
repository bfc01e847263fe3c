/// \file
/// The last file of a job: result.textproto, the only proof that it is done.
///
/// input: what the job made; output: a `Result` (launch/store/result.proto)
/// that lists its files with sizes and digests. Rank 0 writes it, after every
/// other file of the job is on the disk. `CheckResult` (launch/store/store.h)
/// reads it.
#ifndef TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_
#define TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// A result with the identity of `plan` and no files yet.
Result StartResult(const LaunchPlan& plan);

/// Where a job writes its output `name`, a path relative to its directory,
/// until Publish: in the staging directory of its attempt where it has one.
std::string OutputPath(const LaunchPlan& plan, absl::string_view name);

/// Moves the output from OutputPath into the job's directory. There must be
/// nothing of that name. TRY_AGAIN if another attempt of the job has begun or
/// published first (launch/store/staging.h).
absl::Status Publish(const LaunchPlan& plan, absl::string_view name);

/// Removes the output `name` of an earlier attempt that ended before its
/// result.
absl::Status RemoveOutput(const LaunchPlan& plan, absl::string_view name);

/// Adds the file at `path`, relative to the job's directory, with its size and
/// SHA-256. INPUT_OUTPUT if it cannot be read.
absl::Status AddResultFile(const LaunchPlan& plan, absl::string_view path,
                           Result* result);

/// Adds the metric logs of all ranks, and of the attempts that this one went on
/// from those of rank 0 (metrics/training_series.h). If one of these cannot be
/// read, that is told and none of them is added: reports will tell it too.
absl::Status AddMetricLogs(const LaunchPlan& plan, Result* result);

/// Notes in the attempt's directory that the last step of a training is done,
/// with what `result`, which lists no files yet, will say of it. From now on
/// the weights are enough: whatever fails before there is a result, FindTrained
/// finds them and the next attempt does not train again. A note that cannot be
/// written is no error.
void NoteTrained(const LaunchPlan& plan, absl::Time start, Result result);

/// The newest note of NoteTrained in the job's directory, if the weights are
/// there and no result is. All ranks see the same, also while one of them is in
/// FinishTrained.
std::optional<Result> FindTrained(const LaunchPlan& plan);

/// Publishes the result that `noted` was to become: with the weights, and those
/// logs of its attempt that are there.
absl::Status FinishTrained(const LaunchPlan& plan, Result noted);

/// Removes the notes of all attempts, which WriteResult does too.
void ForgetTrained(const LaunchPlan& plan);

/// Sets the wall time since `start`, the largest resident size of this process
/// so far and the machine, and publishes result.textproto. INTERNAL, and no
/// result, if a library was mapped by now that is not the bundle's
/// (mapped_libraries.h).
absl::Status WriteResult(const LaunchPlan& plan, absl::Time start,
                         Result* result);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_RESULT_FILE_H_
