/// \file
/// Pixels to JPEG.
#ifndef TRANSECT_DATA_IMAGE_ENCODE_H_
#define TRANSECT_DATA_IMAGE_ENCODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/image/decode.h"

namespace transect {

/// A baseline JPEG file of `image`: chroma at half resolution (4:2:0), accurate
/// integer DCT, so that the bytes are equal on every x86-64 machine. `quality`
/// is 1 to 100.
absl::StatusOr<std::string> EncodeJpeg(const Image& image, int quality);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_ENCODE_H_
