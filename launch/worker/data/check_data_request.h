/// \file
/// `transect data check`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_CHECK_DATA_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_DATA_CHECK_DATA_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Prints every defect of a data set and caches its index for later runs.
/// FOUND where a run without a defect policy would stop. An error where the
/// annotations cannot be read.
absl::StatusOr<ExitCode::Code> CheckData(const CheckDataRequest& request);

/// Before the first rank of `transect run`: decodes every image of the data
/// sets and caches their indexes, and prints to standard error what would stop
/// the runs. FOUND where something would. An error where annotations cannot be
/// read or a split has nothing to read.
absl::StatusOr<ExitCode::Code> CheckUsedData(
    const CheckUsedDataRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_CHECK_DATA_REQUEST_H_
