/// \file
/// One sample as bytes at a network's input size.
///
/// Input: a sample of a data set (data/index/dataset_index.h); output: its
/// image and mask, for loader.h. Follows the data path of RSRefSeg's released
/// code: OpenCV's bilinear resize on 8-bit pixels without keeping the aspect
/// ratio; the mask by nearest neighbor, first to the image's size if the two
/// differ.
#ifndef TRANSECT_DATA_LOADER_READ_SAMPLE_H_
#define TRANSECT_DATA_LOADER_READ_SAMPLE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "data/image/decode.h"
#include "data/index/dataset_index.h"

namespace transect {

/// Input sizes of a network.
struct InputFormat {
  /// Side S of the image and the mask in pixels, at least 1.
  int image_size = 0;
  /// Side of a second image for SigLIP, resized from the original by
  /// ResizeBicubic (`DataSpec.siglip_resize`); 0 for none.
  int siglip_image_size = 0;

  int64_t ImageBytes() const { return int64_t{3} * image_size * image_size; }
  int64_t MaskBytes() const { return int64_t{1} * image_size * image_size; }
  int64_t SiglipImageBytes() const {
    return int64_t{3} * siglip_image_size * siglip_image_size;
  }
};

/// A pixel of a mask that counts neither in the loss nor in metrics.
inline constexpr uint8_t kIgnoredPixel = 255;

/// Destination of one sample.
struct SampleBytes {
  /// [3, S, S]: planes of red, green, blue.
  uint8_t* image = nullptr;
  /// [S, S]: 0, 1 or kIgnoredPixel.
  uint8_t* mask = nullptr;
  /// [3, s, s] for SigLIP's side s; unused if that is 0.
  uint8_t* siglip_image = nullptr;
};

/// Reads samples one after the other and reuses the memory of decoded images,
/// so each thread has its own reader.
class SampleReader {
 public:
  /// Reads, decodes and resizes one sample. Errors name the sample's id and
  /// file and keep the code of DecodeImage; kResourceExhausted if memory is
  /// short. Deterministic. Never throws.
  absl::Status Read(const Sample& sample, const InputFormat& format,
                    const SampleBytes& to);

 private:
  absl::Status Decode(const Sample& sample, const InputFormat& format,
                      const SampleBytes& to);

  Image image_;
  Image resized_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_LOADER_READ_SAMPLE_H_
