/// \file
/// Requests about data sets that are there already: `transect data check` and
/// `transect data export`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_FILE_REQUESTS_H_
#define TRANSECT_LAUNCH_WORKER_DATA_FILE_REQUESTS_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Prints every defect of a data set and keeps its index for the runs that
/// follow. FOUND where a run without a policy would stop. An error where the
/// annotations cannot be read.
absl::StatusOr<ExitCode::Code> CheckData(const CheckDataRequest& request);

/// Writes a data set's annotations as JSON lines; prints the directory. It
/// appears complete or not at all; one that exists is ALREADY_EXISTS.
absl::StatusOr<ExitCode::Code> ExportData(const ExportDataRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_FILE_REQUESTS_H_
