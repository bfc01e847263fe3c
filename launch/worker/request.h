/// \file
/// What the worker does for verbs of `transect` that need pixels or the model:
/// the one visible switch over `WorkerRequest`
/// (launch/requests/worker_request.proto).
#ifndef TRANSECT_LAUNCH_WORKER_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Does what `request` asks; results for scripts go to standard output,
/// progress to standard error. Returns OK, or FOUND where a check has something
/// to object to. An error names file, value and allowed range; nothing
/// half-written stays behind.
absl::StatusOr<ExitCode::Code> RunRequest(const WorkerRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_REQUEST_H_
