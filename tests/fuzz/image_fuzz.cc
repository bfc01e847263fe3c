// Image files of any bytes, as a data set (DecodeImageBytes) and as any picture
// (ReadImageBytes): no crash, and what is accepted is not larger than its
// header announced. Images of more than a million pixels are left out: they
// take too long for a fuzzer.

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/image/decode.h"
#include "data/image/image_header.h"
#include "data/image/read_image.h"
#include "third_party/absl_polyfill/check.h"

namespace {

using transect::Image;
using transect::ImageHeader;

constexpr uint64_t kMostPixels = 1 << 20;

void CheckPixels(const Image& image, const std::optional<ImageHeader>& header) {
  TRANSECT_CHECK(image.height > 0 && image.width > 0);
  TRANSECT_CHECK(image.bgr.size() == size_t{3} *
                                         static_cast<size_t>(image.height) *
                                         static_cast<size_t>(image.width));
  TRANSECT_CHECK(header.has_value());
  // One that may be turned may have its sides swapped. A TIFF may state several
  // sizes; the header has the largest.
  const uint64_t longer = std::max(header->height, header->width);
  TRANSECT_CHECK(image.height <= static_cast<int64_t>(
                                     header->upright ? header->height : longer))
      << header->height << " became " << image.height;
  TRANSECT_CHECK(image.width <=
                 static_cast<int64_t>(header->upright ? header->width : longer))
      << header->width << " became " << image.width;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const std::optional<ImageHeader> header = transect::ReadImageHeader(file);
  if (header.has_value() &&
      (header->height > kMostPixels || header->width > kMostPixels ||
       header->height * header->width > kMostPixels ||
       header->tile_pixels > kMostPixels)) {
    return 0;
  }
  const absl::StatusOr<Image> image = transect::DecodeImageBytes(file, "fuzz");
  if (image.ok()) {
    CheckPixels(*image, header);
  }
  const absl::StatusOr<transect::ConvertedImage> converted =
      transect::ReadImageBytes(file, "fuzz");
  if (converted.ok()) {
    CheckPixels(converted->image, header);
  }
  return 0;
}
