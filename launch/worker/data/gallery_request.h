/// \file
/// `transect data gallery`. No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_GALLERY_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_DATA_GALLERY_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Writes the page of a data set. Records without an image or a mask are left
/// out and counted on standard error. A requested split that does not exist is
/// NOT_FOUND.
absl::StatusOr<ExitCode::Code> WriteGallery(const GalleryRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_GALLERY_REQUEST_H_
