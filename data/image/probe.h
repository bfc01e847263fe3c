/// \file
/// The size of an image from the headers of its file, without decoding it. A
/// data set of many gigabytes is opened this way.
#ifndef TRANSECT_DATA_IMAGE_PROBE_H_
#define TRANSECT_DATA_IMAGE_PROBE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Size of the image that DecodeImage (decode.h) returns.
struct ImageSize {
  int height = 0;
  int width = 0;
};

/// Size of the JPEG, PNG or TIFF file `path`. A file whose metadata may turn it
/// is decoded. kNotFound if there is no regular file; kInvalidArgument, with
/// the path, for an empty file, another kind of file, a header that is damaged
/// or cut off, more than 8 bits per channel, and a size beyond image_limits.h.
/// Damage behind the header is not found.
absl::StatusOr<ImageSize> ProbeImage(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_PROBE_H_
