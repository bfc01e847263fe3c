/// \file
/// Image files to pixels, and the resizes of the input pipeline. OpenCV and
/// libjpeg-turbo stay hidden in the .cc files; OpenCV is kept to one thread.
///
/// All functions are deterministic and may be called from several threads.
#ifndef TRANSECT_DATA_IMAGE_DECODE_H_
#define TRANSECT_DATA_IMAGE_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Largest width or height that is decoded.
inline constexpr int kMaxImageSide = 16384;
/// Most pixels that are decoded.
inline constexpr int64_t kMaxImagePixels = int64_t{64} << 20;

/// An 8-bit color image: row-major, three bytes per pixel, blue first, as
/// OpenCV keeps them; height * width * 3 bytes.
struct Image {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> bgr;
};

/// Decodes the image file `path`: JPEG, PNG, TIFF or BMP, told apart by their
/// first bytes, not by the name.
///
/// Pixels equal those of OpenCV's imread with its default flag, which the
/// reference trainer's loader (mmcv, `color_type='color'`) uses: an orientation
/// in EXIF data is carried out, gray becomes three equal channels, an alpha
/// channel is dropped. JPEG goes through libjpeg-turbo straight to blue, green,
/// red (accurate integer DCT, smooth chroma upsampling, as OpenCV asks of the
/// same library) at twice the speed; the rest, and the few JPEG files that have
/// to be turned, through OpenCV.
///
/// Departure: what OpenCV would change or invent without a word is an error.
/// kInvalidArgument, naming the path: other formats, more than 8 bits per
/// channel, JPEG of four components (CMYK), damage of any kind, also where
/// OpenCV would fill the rest of a truncated JPEG with gray, and a size beyond
/// the limits. The size stands in the header and is checked before memory is
/// taken for pixels. BigTIFF (64-bit offsets) is refused. Errors of the file
/// system as from ReadFile.
absl::StatusOr<Image> DecodeImage(const std::string& path);

/// The same into `image`, whose memory is used again where it suffices; its
/// contents are undefined after an error. For whoever decodes many images: with
/// fresh memory for each, the kernel's page faults take a third of the time.
absl::Status DecodeImageTo(const std::string& path, Image* image);

/// The same for the contents of a file; `name` is what errors print.
absl::StatusOr<Image> DecodeImageBytes(absl::string_view bytes,
                                       absl::string_view name);

/// The same for the contents of a JPEG file; anything else is an error.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes,
                                 absl::string_view name);
absl::Status DecodeJpegTo(absl::string_view bytes, absl::string_view name,
                          Image* image);

/// OpenCV's INTER_LINEAR on 8-bit pixels; aspect ratio is not kept. Sizes are
/// at least 1.
Image ResizeBilinear(const Image& image, int height, int width);
/// The same into another image, whose memory is used again.
void ResizeBilinearTo(const Image& image, int height, int width, Image* result);

/// OpenCV's INTER_AREA: each new pixel is the mean of what it covers. For
/// thumbnails, which INTER_LINEAR would sample too sparsely; models never see
/// it.
Image ResizeArea(const Image& image, int height, int width);

/// Pillow's BICUBIC on 8-bit pixels, bit for bit: a cubic kernel (a = -0.5),
/// widened by the factor of reduction so that it antialiases, in fixed point
/// with 22 fractional bits, rows before columns. It is what SigLIP's image
/// processor resizes with. Aspect ratio is not kept; sizes are at least 1.
Image ResizeBicubic(const Image& image, int height, int width);

/// OpenCV's INTER_NEAREST of a row-major mask of `from_height` x `from_width`
/// bytes.
std::vector<uint8_t> ResizeNearest(absl::Span<const uint8_t> mask,
                                   int from_height, int from_width, int height,
                                   int width);

/// Interleaved blue, green, red to planes of red, green and blue, as networks
/// take them: 3 * height * width bytes at `planes`.
void ToRgbPlanes(const Image& image, uint8_t* planes);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_DECODE_H_
