/// \file
/// The switch over `WorkerRequest` (launch/requests/worker_request.proto): the
/// verbs of `transect` that need pixels or the model.
#ifndef TRANSECT_LAUNCH_WORKER_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Serves `request`; results go to standard output, progress to standard error.
/// Returns OK, or FOUND where a check found defects. An error names the file,
/// the value and the allowed range, and leaves nothing half-written.
absl::StatusOr<ExitCode::Code> RunRequest(const WorkerRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_REQUEST_H_
