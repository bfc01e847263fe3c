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
/// in EXIF data is applied, gray becomes three equal channels, an alpha channel
/// is dropped. libjpeg-turbo decodes JPEG straight to blue, green, red with
/// OpenCV's settings (accurate integer DCT, smooth chroma upsampling) at twice
/// the speed; OpenCV decodes the rest, and the few JPEG files that must be
/// turned.
///
/// Unlike OpenCV, it converts or invents nothing silently. kInvalidArgument,
/// with the path: other formats, more than 8 bits per channel, JPEG of four
/// components (CMYK), BigTIFF (64-bit offsets), any damage, also where OpenCV
/// would fill the rest of a truncated JPEG with gray, and a header beyond
/// image_limits.h, which is checked before memory is taken for pixels. Errors
/// of the file system as from ReadFile.
absl::StatusOr<Image> DecodeImage(const std::string& path);

/// The same into `image`, reusing its memory; its contents are undefined after
/// an error. For decoding many images: with fresh memory for each, page faults
/// take a third of the time.
absl::Status DecodeImageTo(const std::string& path, Image* image);

/// The same for the contents of a file; errors call it `name`.
absl::StatusOr<Image> DecodeImageBytes(absl::string_view bytes,
                                       absl::string_view name);

/// The same for the contents of a JPEG file; anything else is an error.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes,
                                 absl::string_view name);
absl::Status DecodeJpegTo(absl::string_view bytes, absl::string_view name,
                          Image* image);

/// The alpha channel of a PNG or TIFF file that has one (ImageHeader.alpha), a
/// byte for each pixel; errors as above.
absl::StatusOr<std::vector<uint8_t>> DecodeAlpha(absl::string_view bytes,
                                                 absl::string_view name);

/// OpenCV's INTER_LINEAR on 8-bit pixels; aspect ratio is not kept. Sizes are
/// at least 1.
Image ResizeBilinear(const Image& image, int height, int width);
/// The same into `result`, reusing its memory.
void ResizeBilinearTo(const Image& image, int height, int width, Image* result);

/// OpenCV's INTER_AREA: each new pixel is the mean of what it covers. For
/// thumbnails, where INTER_LINEAR would alias; never for models.
Image ResizeArea(const Image& image, int height, int width);

/// Pillow's BICUBIC on 8-bit pixels, bit for bit as Pillow before 13 computes
/// it: a cubic kernel (a = -0.5), widened by the factor of reduction so that it
/// antialiases, in fixed point with 22 fractional bits, rows always before
/// columns. SigLIP's image processor resizes with it. Pillow 13 does columns
/// first where that is less work, as where the height shrinks much more than
/// the width; pixels then differ by a rounding of 1 or 2. Aspect ratio is not
/// kept; sizes are at least 1.
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
