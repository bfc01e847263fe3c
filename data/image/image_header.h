/// \file
/// What the first bytes of an image file say about its pixels: what is needed
/// to refuse a file before memory is taken for it.
///
/// Input: bytes of a file, in memory (decode.h, read_image.h) or on disk
/// (probe.h). It judges nothing and knows no OpenCV.
#ifndef TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_
#define TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/strings/string_view.h"

namespace transect {

enum class ImageKind { kUnknown, kJpeg, kPng, kTiff, kBigTiff, kBmp };

/// By the first bytes, at least 8 where the file has as many.
ImageKind ImageKindOf(absl::string_view start);

struct ImageHeader {
  uint64_t height = 0;
  uint64_t width = 0;
  /// Pixels of a tile of a TIFF, which is decoded as a whole; 0 without tiles.
  uint64_t tile_pixels = 0;
  /// Bits of the widest channel; 0 where the header does not say.
  int bits = 0;
  /// False where something behind the header may turn the image (EXIF data of a
  /// JPEG, a tag of a TIFF), so that height and width may change places.
  bool upright = true;
};

/// Bytes of the file from `offset` on: at least 32 where the file has as many,
/// and valid until the next call.
using BytesAt = std::function<absl::string_view(uint64_t offset)>;

/// Nothing where the file does not say its size in the way of its kind: it is
/// cut off, damaged or unknown. TIFF: of the first page.
std::optional<ImageHeader> ReadImageHeader(const BytesAt& bytes_at);

/// The same for a file in memory.
std::optional<ImageHeader> ReadImageHeader(absl::string_view file);

/// True if the PNG file has all of its chunks, up to the last one. Looks at
/// their lengths, not at what they hold.
bool PngIsWhole(absl::string_view file);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_
