/// \file
/// The size of an image from the first bytes of its file, without decoding it:
/// how a data set of many gigabytes is opened, and how a picture that is too
/// large is refused before memory is taken.
#ifndef TRANSECT_DATA_IMAGE_PROBE_H_
#define TRANSECT_DATA_IMAGE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Width and height as DecodeImage (decode.h) gives them.
struct ImageSize {
  int height = 0;
  int width = 0;
};

/// Size of the JPEG, PNG or TIFF file `path`. A file that says how it is to be
/// turned is decoded. kNotFound if there is no regular file; kInvalidArgument,
/// naming the path, for an empty file, a header that is none of these or is cut
/// off, more than 8 bits per channel, and for a size beyond kMaxImageSide and
/// kMaxImagePixels. Damage behind the header is not found.
absl::StatusOr<ImageSize> ProbeImage(const std::string& path);

/// What a mask image holds: row-major bytes, 1 where any channel of the pixel
/// is not 0. Errors as DecodeImage's.
struct MaskImage {
  ImageSize size;
  std::vector<uint8_t> pixels;
};
absl::StatusOr<MaskImage> ReadMaskImage(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_PROBE_H_
