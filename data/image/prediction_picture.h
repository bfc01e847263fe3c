/// \file
/// Pictures of a prediction: the mask over the image, and the activation map.
///
/// Input: pixels in memory; output: bytes of PNG files, of small pictures JPEG.
#ifndef TRANSECT_DATA_IMAGE_PREDICTION_PICTURE_H_
#define TRANSECT_DATA_IMAGE_PREDICTION_PICTURE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/image/decode.h"

namespace transect {

/// A PNG with one 8-bit channel: 255 where `mask` is not 0. `mask` is
/// row-major, height * width bytes.
absl::StatusOr<std::string> MaskPng(absl::Span<const uint8_t> mask, int height,
                                    int width);

/// `image` with the mask in color and outlined, the rest darkened, and a line
/// below it: the sentence, then `legend`. Images with a side below 384 pixels
/// are drawn larger by a whole factor. What is not ASCII in the sentence is
/// drawn as '?'; the sentence is broken into lines, and cut after the third.
absl::StatusOr<std::string> OverlayPng(const Image& image,
                                       absl::Span<const uint8_t> mask,
                                       absl::string_view sentence,
                                       absl::string_view legend);

/// `logits` (row-major, as large as `image`) over the grayed image: red where
/// they are above 0, the threshold over which a patch is more likely than not
/// to belong to the sentence, blue below, the stronger the further, and nothing
/// at 0; a line runs along the threshold. Below it a title, the sentence, a
/// scale from -L to L with the threshold in its middle, where L is the largest
/// distance from 0 and at least 1, so that a map without anything above 0 shows
/// no red; then the range of the values and `legend`. Size and text as
/// OverlayPng.
absl::StatusOr<std::string> ActivationPng(const Image& image,
                                          absl::Span<const float> logits,
                                          absl::string_view sentence,
                                          absl::string_view legend);

/// `image` with its longer side at `side` pixels, smaller or larger.
Image FitTo(const Image& image, int side);

/// Colors that the color-blind tell apart, too.
enum class MaskColor {
  /// Bluish green.
  kTruth,
  /// Orange, as in OverlayPng.
  kPrediction,
};

/// JPEG files without text, for many pictures on one page. `image` is as large
/// as the picture; what lies over it is resized to it and may have any size.
///
/// The image itself.
absl::StatusOr<std::string> SmallJpeg(const Image& image);
/// The mask drawn as in OverlayPng. A mask with a pixel shows one, however
/// small it becomes.
absl::StatusOr<std::string> SmallMaskJpeg(const Image& image,
                                          absl::Span<const uint8_t> mask,
                                          int height, int width,
                                          MaskColor color);
/// The map drawn as in ActivationPng, with a scale of its own.
absl::StatusOr<std::string> SmallActivationJpeg(const Image& image,
                                                absl::Span<const float> logits,
                                                int height, int width);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_PREDICTION_PICTURE_H_
