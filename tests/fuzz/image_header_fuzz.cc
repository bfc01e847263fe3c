// ReadImageHeader on any bytes: the same header from the whole file and through
// the smallest window that a reader may give it (data/image/probe.cc), and a
// size that the limits bound.

#include <stddef.h>
#include <stdint.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/image/image_header.h"
#include "data/image/image_limits.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using transect::ImageHeader;
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const std::optional<ImageHeader> whole = transect::ReadImageHeader(file);
  const std::optional<ImageHeader> windowed =
      transect::ReadImageHeader([file](uint64_t offset) {
        return offset < file.size()
                   ? file.substr(offset, transect::kImageHeaderWindow)
                   : absl::string_view();
      });
  TRANSECT_CHECK(whole.has_value() == windowed.has_value());
  if (whole.has_value()) {
    TRANSECT_CHECK(whole->height == windowed->height);
    TRANSECT_CHECK(whole->width == windowed->width);
    TRANSECT_CHECK(whole->tile_pixels == windowed->tile_pixels);
    TRANSECT_CHECK(whole->bits == windowed->bits && whole->bits >= 0);
    TRANSECT_CHECK(whole->upright == windowed->upright);
  }
  const absl::StatusOr<ImageHeader> checked =
      transect::CheckImageHeader(file, "fuzz");
  TRANSECT_CHECK(!checked.ok() || whole.has_value());
  if (checked.ok()) {
    TRANSECT_CHECK(checked->height * checked->width <=
                   uint64_t{transect::kMaxImagePixels});
    TRANSECT_CHECK(checked->height > 0 && checked->width > 0);
  }
  const std::string as_gray = transect::PaletteAsGray(file);
  TRANSECT_CHECK(as_gray.empty() || (whole.has_value() && whole->palette));
  TRANSECT_CHECK(as_gray.size() <= file.size());
  TRANSECT_CHECK(transect::TiffPages(file) <= 1 << 16);
  return 0;
}
