/// \file
/// Image files to pixels, and the two resizes of the input pipeline. OpenCV and
/// libjpeg-turbo stay hidden in the .cc files; OpenCV is kept to one thread.
///
/// All functions are deterministic and may be called from several threads.
#ifndef TRANSECT_DATA_IMAGE_DECODE_H_
#define TRANSECT_DATA_IMAGE_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Largest width or height that is decoded.
inline constexpr int kMaxImageSide = 16384;
/// Most pixels that are decoded.
inline constexpr int64_t kMaxImagePixels = int64_t{64} << 20;

/// An 8-bit colour image: row-major, three bytes per pixel, blue first, as
/// OpenCV keeps them; height * width * 3 bytes.
struct Image {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> bgr;
};

/// Decodes the JPEG file `path`. Pixels equal those of OpenCV's imdecode
/// (accurate integer DCT, smooth chroma upsampling), which the reference
/// trainer uses; EXIF orientation is ignored. Errors name the path: anything
/// that is not a JPEG of three components, a size beyond the limits, which is
/// checked before memory is taken, and every warning of the decoder, such as a
/// truncated file, are kInvalidArgument.
absl::StatusOr<Image> DecodeImage(const std::string& path);

/// The same for the contents of a file; `name` is what errors print.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes,
                                 absl::string_view name);

/// OpenCV's INTER_LINEAR on 8-bit pixels; aspect ratio is not kept. Sizes are
/// at least 1.
Image ResizeBilinear(const Image& image, int height, int width);

/// OpenCV's INTER_AREA: each new pixel is the mean of what it covers. For
/// thumbnails, which INTER_LINEAR would sample too sparsely; models never see
/// it.
Image ResizeArea(const Image& image, int height, int width);

/// OpenCV's INTER_NEAREST of a row-major mask of `from_height` x `from_width`
/// bytes.
std::vector<uint8_t> ResizeNearest(absl::Span<const uint8_t> mask,
                                   int from_height, int from_width, int height,
                                   int width);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_DECODE_H_
