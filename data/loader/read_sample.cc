#include "data/loader/read_sample.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/masks/rle.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::vector<uint8_t> MaskAt(const Rle& rle, const Image& image, int size) {
  std::vector<uint8_t> mask = MaskFromRle(rle);
  int height = rle.height;
  int width = rle.width;
  if (height != image.height || width != image.width) {
    mask = ResizeNearest(mask, height, width, image.height, image.width);
    height = image.height;
    width = image.width;
  }
  return height == size && width == size
             ? mask
             : ResizeNearest(mask, height, width, size, size);
}

}  // namespace

absl::Status SampleReader::Decode(const Sample& sample,
                                  const InputFormat& format,
                                  const SampleBytes& to) {
  TRANSECT_RETURN_IF_ERROR(DecodeImageTo(sample.image_path, &image_));
  if (sample.image_height > 0 && (image_.height != sample.image_height ||
                                  image_.width != sample.image_width)) {
    return absl::InvalidArgumentError(absl::StrCat(
        sample.image_path, " has ", image_.height, " x ", image_.width,
        " pixels and had ", sample.image_height, " x ", sample.image_width,
        " when the data set was opened"));
  }
  const int side = format.image_size;
  if (image_.height == side && image_.width == side) {
    // A resize to the same size is a copy.
    ToRgbPlanes(image_, to.image);
  } else {
    ResizeBilinearTo(image_, side, side, &resized_);
    ToRgbPlanes(resized_, to.image);
  }
  if (format.siglip_image_size > 0) {
    ToRgbPlanes(ResizeBicubic(image_, format.siglip_image_size,
                              format.siglip_image_size),
                to.siglip_image);
  }
  const std::vector<uint8_t> mask = MaskAt(sample.mask, image_, side);
  std::copy(mask.begin(), mask.end(), to.mask);
  if (sample.ignored.height == 0) return absl::OkStatus();
  // Nearest neighbors of both are the same pixels.
  const std::vector<uint8_t> ignored = MaskAt(sample.ignored, image_, side);
  for (size_t i = 0; i < ignored.size(); ++i) {
    if (ignored[i] != 0) to.mask[i] = kIgnoredPixel;
  }
  return absl::OkStatus();
}

absl::Status SampleReader::Read(const Sample& sample, const InputFormat& format,
                                const SampleBytes& to) {
  absl::Status status;
  // No exception may leave a thread of the loader.
  try {
    status = Decode(sample, format, to);
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError(
        absl::StrCat("not enough memory to decode ", sample.image_path));
  } catch (const std::exception& error) {
    status = absl::InternalError(
        absl::StrCat(sample.image_path, ": ", error.what()));
  }
  if (status.ok()) {
    return status;
  }
  return absl::Status(status.code(), absl::StrCat("sample ", sample.id, ": ",
                                                  status.message()));
}

}  // namespace transect
