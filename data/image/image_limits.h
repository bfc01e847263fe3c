/// \file
/// Which images are decoded at all: the checks of a file's header before memory
/// is taken for its pixels, shared by decode.h, read_image.h and probe.h.
#ifndef TRANSECT_DATA_IMAGE_IMAGE_LIMITS_H_
#define TRANSECT_DATA_IMAGE_IMAGE_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/image/image_header.h"

namespace transect {

/// Largest width or height that is decoded.
inline constexpr int kMaxImageSide = 16384;
/// Most pixels that are decoded, of an image and of a tile of a TIFF.
inline constexpr int64_t kMaxImagePixels = int64_t{64} << 20;

/// kInvalidArgument "cannot decode NAME: WHY".
absl::Status CannotDecode(absl::string_view name, absl::string_view why);

/// CannotDecode unless the size is within the limits.
absl::Status CheckImageSize(absl::string_view name, uint64_t height,
                            uint64_t width);

/// The header of the file `bytes`, whose size and tiles are within the limits.
/// CannotDecode otherwise, and for a damaged header or a PNG that is cut off.
absl::StatusOr<ImageHeader> CheckImageHeader(absl::string_view bytes,
                                             absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_IMAGE_LIMITS_H_
