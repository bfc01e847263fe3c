/// \file
/// Mask files: which pixels are object, and what in the file says that it is
/// not the mask that it is taken for.
#ifndef TRANSECT_DATA_IMAGE_MASK_IMAGE_H_
#define TRANSECT_DATA_IMAGE_MASK_IMAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/image/probe.h"

namespace transect {

struct MaskImage {
  ImageSize size;
  /// Row-major bytes, 1 where the pixel's value is not 0 and is not ignored.
  std::vector<uint8_t> pixels;
  /// The same, 1 where the value is the ignored label; empty where no pixel has
  /// it.
  std::vector<uint8_t> ignored;
  /// Empty, or how many values besides 0 and the ignored label there are, and
  /// which: they are more than one.
  std::string many_values;
  /// Empty, or why `pixels` are from the alpha channel.
  std::string in_alpha;
};

/// Reads the mask image `path`, JPEG, PNG or TIFF. The value of a pixel is its
/// index where the file has a palette, whatever colors that gives; else its
/// color; but its alpha where all pixels have one color and different alpha, or
/// where a fully transparent pixel has a color other than black: what a drawing
/// program shows as background would be object. Alpha has no ignored label.
///
/// \param ignored_label Gray value or index 1 to 255, or 0 for none.
///
/// Errors of ProbeImage and DecodeImage.
absl::StatusOr<MaskImage> ReadMaskImage(const std::string& path,
                                        int ignored_label = 0);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_MASK_IMAGE_H_
