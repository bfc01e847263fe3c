/// \file
/// Requests about data sets: `transect data ...`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_REQUESTS_H_
#define TRANSECT_LAUNCH_WORKER_DATA_REQUESTS_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Writes a synthetic data set. `out` appears complete or not at all; an
/// `out` that exists is ALREADY_EXISTS. INVALID_ARGUMENT lists what is wrong
/// with the recipe.
absl::StatusOr<ExitCode::Code> SynthesizeData(
    const SynthesizeDataRequest& request);

/// Writes the page of a data set. Records without an image or a mask are left
/// out and counted on standard error. A split that is asked for and missing is
/// NOT_FOUND.
absl::StatusOr<ExitCode::Code> WriteGallery(const GalleryRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_REQUESTS_H_
