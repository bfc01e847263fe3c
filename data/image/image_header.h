/// \file
/// What the headers of an image file say about its pixels, so that a file can
/// be refused before memory is taken for it (image_limits.h).
///
/// Input: bytes of a file, in memory or on disk (probe.h). No OpenCV, no
/// judgment of what is read.
#ifndef TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_
#define TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

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
  /// Whether pixels are indices of a palette (PNG, TIFF).
  bool palette = false;
  /// Whether the last channel says how opaque a pixel is (PNG, TIFF).
  bool alpha = false;
  /// False where metadata may turn the image (EXIF data of a JPEG, a tag of a
  /// TIFF), so that height and width may be swapped.
  bool upright = true;
};

/// Bytes that ReadImageHeader needs from an offset on, where the file has them.
inline constexpr int kImageHeaderWindow = 64;

/// Bytes of the file from `offset` on: at least kImageHeaderWindow where the
/// file has as many, valid until the next call. Any offset may be asked for.
using BytesAt = std::function<absl::string_view(uint64_t offset)>;

/// The header, of a TIFF that of the first page; nothing where the file is cut
/// off, damaged or of an unknown kind.
std::optional<ImageHeader> ReadImageHeader(const BytesAt& bytes_at);

/// The same for a file in memory.
std::optional<ImageHeader> ReadImageHeader(absl::string_view file);

/// A PNG or TIFF file with a palette, changed so that decoders take its indices
/// for gray values, which they scale: index i of b bits is gray
/// i * 255 / (2^b - 1). Empty for any other file.
std::string PaletteAsGray(absl::string_view file);

/// True if the PNG file has all of its chunks, up to the last one. Looks at
/// their lengths, not at their contents.
bool PngIsWhole(absl::string_view file);

/// Pages of a TIFF or BigTIFF file whose directories lie in the file, at most
/// 65536; 0 for other kinds.
int TiffPages(absl::string_view file);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_IMAGE_HEADER_H_
