/// \file
/// Masks as run lengths, in the form of COCO: the pixels in column-major order
/// (down the first column, then the second), runs alternating background and
/// object and beginning with background. In the compressed form each run is a
/// signed number, from the fourth on as the difference to the run two before,
/// in groups of five bits, lowest first, one character 48 + group each; bit 5
/// says that more groups follow, bit 4 of the last is the sign.
///
/// Foreign strings are checked completely: characters, overlong numbers,
/// negative runs, sums. Nothing here allocates more than the input is long or
/// kMaxMaskPixels allows.
#ifndef TRANSECT_DATA_RLE_H_
#define TRANSECT_DATA_RLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// Most pixels of a mask: 8192 x 8192.
inline constexpr int64_t kMaxMaskPixels = int64_t{8192} * 8192;

/// A mask. Runs are background, object, background, ... and add up to height *
/// width; only the first may be 0 in canonical form, but foreign files may
/// have zeros anywhere.
struct Rle {
  int height = 0;
  int width = 0;
  std::vector<uint32_t> runs;
};

/// Checks foreign runs: height and width at least 1, at most kMaxMaskPixels
/// pixels, runs that add up to height * width. kInvalidArgument otherwise.
absl::StatusOr<Rle> MakeRle(int64_t height, int64_t width,
                            absl::Span<const int64_t> runs);

/// Decodes the compressed form. kInvalidArgument names the offset of the first
/// character that is wrong, or both sums.
absl::StatusOr<Rle> DecodeRleString(absl::string_view text, int64_t height,
                                    int64_t width);

/// The compressed form of `rle`, equal to what pycocotools writes.
std::string EncodeRleString(const Rle& rle);

/// The mask as bytes 0 and 1, row-major: pixel (x, y) is at y * width + x.
std::vector<uint8_t> MaskFromRle(const Rle& rle);

/// Canonical run lengths of a row-major mask; any byte but 0 is object.
/// `mask` has height * width bytes.
Rle RleFromMask(absl::Span<const uint8_t> mask, int height, int width);

/// The mask resized to height x width, both at least 1, by nearest neighbour:
/// the pixels of OpenCV's INTER_NEAREST on the decoded mask.
Rle ResizeRleNearest(const Rle& rle, int height, int width);

/// Number of object pixels.
int64_t RleArea(const Rle& rle);

/// Extent of the object as corners {x1, y1, x2, y2}, x2 and y2 exclusive; all 0
/// for an empty mask.
std::array<int, 4> RleBox(const Rle& rle);

}  // namespace transect

#endif  // TRANSECT_DATA_RLE_H_
