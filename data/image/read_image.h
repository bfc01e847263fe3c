/// \file
/// Image files of all kinds that people have, as the 8-bit color images that
/// networks see, and an honest word about what was changed on the way.
///
/// Input: JPEG, PNG and TIFF files; output: `Image` with notes. Data sets are
/// read by decode.h, which refuses more than 8 bits and says nothing.
#ifndef TRANSECT_DATA_IMAGE_READ_IMAGE_H_
#define TRANSECT_DATA_IMAGE_READ_IMAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/image/decode.h"

namespace transect {

/// An image and how it was made from its file.
struct ConvertedImage {
  Image image;
  /// One sentence per conversion; empty for 8 bits and three channels.
  std::vector<std::string> notes;
};

/// Reads `path`. JPEG as decode.h does; of PNG and TIFF is converted, each with
/// a note:
///
/// | file                 | image                                           |
/// |----------------------|-------------------------------------------------|
/// | one channel          | gray, the channel three times                   |
/// | four channels        | the first three; the fourth (alpha, or the      |
/// |                      | infrared of a satellite image) is dropped       |
/// | 16 bits a channel    | divided by 257, so that 65535 is 255            |
/// | TIFF with more pages | the first page                                  |
///
/// Refused, with the reason: 16 bits whose largest value is below 4096, which
/// are counts of a sensor with 12 bits or fewer and would come out black, since
/// nobody but the user knows how to stretch them; other numbers of channels and
/// other types, such as floating point; contents of another kind than JPEG, PNG
/// and TIFF, whatever the name says; sizes beyond the limits of decode.h. Such
/// errors are kInvalidArgument and name the path; a file that cannot be opened
/// gives the errors of ReadFile.
absl::StatusOr<ConvertedImage> ReadImage(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_READ_IMAGE_H_
