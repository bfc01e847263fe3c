/// \file
/// The size of an image from the headers of its file, without decoding it. A
/// data set of many gigabytes is opened this way.
#ifndef TRANSECT_DATA_IMAGE_PROBE_H_
#define TRANSECT_DATA_IMAGE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

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

/// A mask image.
struct MaskImage {
  ImageSize size;
  /// Row-major bytes, 1 where any channel of the pixel is not 0 and the pixel
  /// is not ignored.
  std::vector<uint8_t> pixels;
  /// The same, 1 where all channels of the pixel are the ignored label; empty
  /// where there is no such pixel.
  std::vector<uint8_t> ignored;
};

/// Reads the mask image `path`. \param ignored_label 1 to 255, or 0 for none.
/// Errors of ProbeImage and DecodeImage.
absl::StatusOr<MaskImage> ReadMaskImage(const std::string& path,
                                        int ignored_label = 0);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_PROBE_H_
