#include "data/image/image_limits.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::Status CannotDecode(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot decode ", name, ": ", why));
}

absl::Status CheckImageSize(absl::string_view name, uint64_t height,
                            uint64_t width) {
  if (height >= 1 && width >= 1 && height <= kMaxImageSide &&
      width <= kMaxImageSide && height * width <= uint64_t{kMaxImagePixels}) {
    return absl::OkStatus();
  }
  return CannotDecode(
      name, absl::StrCat("it has ", height, " x ", width,
                         " pixels, must be at least 1 x 1 and at most ",
                         kMaxImageSide, " per side and ", kMaxImagePixels,
                         " in all"));
}

absl::StatusOr<ImageHeader> CheckImageHeader(absl::string_view bytes,
                                             absl::string_view name) {
  const std::optional<ImageHeader> header = ReadImageHeader(bytes);
  if (!header.has_value()) {
    return CannotDecode(name, "its header is damaged or cut off");
  }
  TRANSECT_RETURN_IF_ERROR(CheckImageSize(name, header->height, header->width));
  if (ImageKindOf(bytes) == ImageKind::kPng && !PngIsWhole(bytes)) {
    return CannotDecode(name, "it is cut off");
  }
  if (header->tile_pixels > uint64_t{kMaxImagePixels}) {
    return CannotDecode(
        name,
        absl::StrCat("it has tiles of ", header->tile_pixels,
                     " pixels, at most ", kMaxImagePixels, " are allowed"));
  }
  return *header;
}

}  // namespace transect
