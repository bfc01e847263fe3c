// DecodeRleString on any bytes: two bytes of height, two of width, then the
// string. What it accepts fills the mask and comes back from EncodeRleString.

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <numeric>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/masks/rle.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) {
    return 0;
  }
  const int64_t height = data[0] << 8 | data[1];
  const int64_t width = data[2] << 8 | data[3];
  const absl::string_view text(reinterpret_cast<const char*>(data + 4),
                               size - 4);
  const absl::StatusOr<transect::Rle> rle =
      transect::DecodeRleString(text, height, width);
  if (!rle.ok()) {
    return 0;
  }
  const int64_t pixels = height * width;
  TRANSECT_CHECK(std::accumulate(rle->runs.begin(), rle->runs.end(),
                                 int64_t{0}) == pixels);
  TRANSECT_CHECK(rle->runs.size() <= text.size());
  const absl::StatusOr<transect::Rle> again =
      transect::DecodeRleString(transect::EncodeRleString(*rle), height, width);
  TRANSECT_CHECK(again.ok() && again->runs == rle->runs);
  const int64_t area = transect::RleArea(*rle);
  const std::array<int, 4> box = transect::RleBox(*rle);
  TRANSECT_CHECK(area <= int64_t{box[2] - box[0]} * (box[3] - box[1]));
  TRANSECT_CHECK(box[0] >= 0 && box[1] >= 0 && box[2] <= width &&
                 box[3] <= height);
  if (pixels <= 1 << 16) {
    const std::vector<uint8_t> mask = transect::MaskFromRle(*rle);
    const transect::Rle canonical = transect::RleFromMask(
        mask, static_cast<int>(height), static_cast<int>(width));
    TRANSECT_CHECK(transect::RleArea(canonical) == area);
    TRANSECT_CHECK(transect::MaskFromRle(canonical) == mask);
  }
  return 0;
}
