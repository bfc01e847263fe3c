/// \file
/// Image files from any source as the 8-bit color images that networks take,
/// with notes on what was converted.
///
/// Input: JPEG, PNG and TIFF files; output: `Image` with notes. Data sets are
/// read by decode.h, which refuses what would need a conversion.
#ifndef TRANSECT_DATA_IMAGE_READ_IMAGE_H_
#define TRANSECT_DATA_IMAGE_READ_IMAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/image/decode.h"

namespace transect {

/// An image and how its file was converted.
struct ConvertedImage {
  Image image;
  /// One sentence per conversion; empty for 8 bits and three channels.
  std::vector<std::string> notes;
};

/// Reads `path`. JPEG is decoded as in decode.h; PNG and TIFF are converted,
/// each conversion with a note:
///
/// | file                 | image                                           |
/// |----------------------|-------------------------------------------------|
/// | one channel          | gray, the channel three times                   |
/// | four channels        | the first three; the fourth (alpha, or the      |
/// |                      | infrared of a satellite image) is dropped       |
/// | 16 bits a channel    | divided by 257, so that 65535 is 255            |
/// | TIFF with more pages | the first page                                  |
///
/// kInvalidArgument, with the path and the reason: 16 bits whose largest value
/// is below 4096 (counts of a sensor with 12 bits or fewer, which would come
/// out black; only the user knows how to stretch them), other numbers of
/// channels, other types such as floating point, contents other than JPEG, PNG
/// and TIFF whatever the name says, and sizes beyond the limits of
/// image_limits.h. A file that cannot be opened gives the errors of ReadFile.
absl::StatusOr<ConvertedImage> ReadImage(const std::string& path);

/// The same for the contents of a file; errors call it `name`.
absl::StatusOr<ConvertedImage> ReadImageBytes(absl::string_view bytes,
                                              absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_READ_IMAGE_H_
