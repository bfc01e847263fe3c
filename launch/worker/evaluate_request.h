/// \file
/// `transect evaluate`: a run's network on a split of its data set, after the
/// run has ended.
#ifndef TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Fills `job_dir` like the directory of a run: attempts/0001 with the metric
/// log of one rank, which holds a record per item, then result.textproto, so
/// that everything that reads runs can read it
/// (analysis/load_runs.h). Evaluates as training does, with the run's number of
/// threads, on one rank, which does not change the integers. Notes on the split
/// (split_notes.h) go to the log and to standard error. The run itself is not
/// changed.
absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_
