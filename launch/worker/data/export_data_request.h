/// \file
/// `transect data export`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_EXPORT_DATA_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_DATA_EXPORT_DATA_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Writes a data set's annotations as JSON lines into a new directory, which
/// appears complete or not at all; prints its path. ALREADY_EXISTS if it
/// exists.
absl::StatusOr<ExitCode::Code> ExportData(const ExportDataRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_EXPORT_DATA_REQUEST_H_
