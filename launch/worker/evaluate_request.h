/// \file
/// Requests about the evaluation of a finished run: `transect evaluate`, and
/// pictures of what was evaluated.
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

/// Draws the items of each evaluation (launch/evaluation/draw_item.h) and
/// writes a DrawnItems of them, without `origin` and `code`. A network that
/// cannot be opened on the run's device is told there as `problem`, and
/// pictures are drawn without it; so is a data set that cannot be opened, and
/// none are. Items that the split does not have are left out. Standard error
/// has a line every ten seconds. Errors: a file cannot be written.
absl::StatusOr<ExitCode::Code> DrawItems(const DrawItemsRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_
