/// \file
/// `transect evaluate`: a run's network on a split of its data set, after the
/// run has ended.
#ifndef TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Fills `job_dir` as a rank fills the directory of a run: attempts/0001 with
/// the metric log of one rank that holds a record per item, then
/// result.textproto, so that everything that reads runs reads it
/// (analysis/load_runs.h). The evaluator is the one of training, with the
/// threads that the run had; the items are evaluated by one rank, which does
/// not show in the integers. What the data set's policy left out or repaired
/// and how many sentences were cut stands in the log, and is told with the
/// progress on standard error. The run itself is not touched.
absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_EVALUATE_REQUEST_H_
