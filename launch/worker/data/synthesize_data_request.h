/// \file
/// `transect data synth`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_SYNTHESIZE_DATA_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_DATA_SYNTHESIZE_DATA_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Writes a synthetic data set into the directory `out`, which appears complete
/// or not at all; prints its path and its blind bounds. ALREADY_EXISTS if `out`
/// exists; INVALID_ARGUMENT lists what is wrong with the recipe.
absl::StatusOr<ExitCode::Code> SynthesizeData(
    const SynthesizeDataRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_SYNTHESIZE_DATA_REQUEST_H_
