#include "data/image/mask_image.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/image/decode.h"
#include "data/image/image_header.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{256} << 20;
// More are counted as "more than".
constexpr size_t kMostCounted = 256;
constexpr size_t kMostShown = 5;
// From so many colors on, a mask file is a picture.
constexpr size_t kPicture = 32;

// Gray g is the color g, g, g.
constexpr uint32_t kGrayStep = 0x010101;

enum class Meaning { kColor, kIndex, kAlpha };

// The value of each pixel: a color with red in the upper byte, or index or
// alpha as if it were a gray value.
struct Values {
  ImageSize size;
  std::vector<uint32_t> of_pixel;
  Meaning meaning = Meaning::kColor;
};

absl::StatusOr<Values> ValuesOfColor(absl::string_view bytes,
                                     const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const Image image, DecodeImageBytes(bytes, path));
  Values values;
  values.size = {image.height, image.width};
  values.of_pixel.resize(image.bgr.size() / 3);
  for (size_t i = 0; i < values.of_pixel.size(); ++i) {
    const uint8_t* const bgr = &image.bgr[3 * i];
    values.of_pixel[i] = uint32_t{bgr[2]} << 16 | bgr[1] << 8 | bgr[0];
  }
  return values;
}

absl::StatusOr<Values> ReadValues(const std::string& bytes,
                                  const std::string& path, int bits) {
  const std::string as_gray = PaletteAsGray(bytes);
  if (as_gray.empty()) return ValuesOfColor(bytes, path);
  TRANSECT_ASSIGN_OR_RETURN(Values values, ValuesOfColor(as_gray, path));
  values.meaning = Meaning::kIndex;
  const uint32_t scale = 255 / ((1u << std::clamp(bits, 1, 8)) - 1);
  for (uint32_t& value : values.of_pixel) {
    value = (value & 0xFF) / scale * kGrayStep;
  }
  return values;
}

// Why the alpha channel must be the mask; empty where colors can be.
std::string WhyAlpha(const Values& values, const std::vector<uint8_t>& alpha) {
  const auto& colors = values.of_pixel;
  if (alpha.size() != colors.size()) return "";
  const auto [least, most] = std::minmax_element(alpha.begin(), alpha.end());
  if (*least == *most) return "";
  if (std::all_of(colors.begin(), colors.end(),
                  [&](uint32_t color) { return color == colors[0]; })) {
    return absl::StrFormat(
        "all pixels have color #%06x, only the alpha channel differs",
        colors[0]);
  }
  for (size_t i = 0; i < colors.size(); ++i) {
    if (alpha[i] == 0 && colors[i] != 0) {
      return absl::StrFormat(
          "fully transparent pixels have a color, such as #%06x: by color they "
          "would be object",
          colors[i]);
    }
  }
  return "";
}

std::string ValueText(uint32_t value, Meaning meaning, bool gray) {
  return meaning == Meaning::kColor && !gray ? absl::StrFormat("#%06x", value)
                                             : absl::StrCat(value & 0xFF);
}

// About the values besides 0 and `ignored`, if they are more than one.
std::string ManyValues(const Values& values, uint32_t ignored) {
  std::set<uint32_t> seen;
  bool gray = true;
  uint32_t last = 0;
  for (const uint32_t value : values.of_pixel) {
    if (value == last || value == 0 || value == ignored) continue;
    last = value;
    gray = gray && value == (value & 0xFF) * kGrayStep;
    if (seen.size() <= kMostCounted) seen.insert(value);
  }
  if (seen.size() < 2) return "";
  std::string examples;
  size_t shown = 0;
  for (const uint32_t value : seen) {
    if (shown++ == kMostShown) break;
    absl::StrAppend(&examples, examples.empty() ? "" : ", ",
                    ValueText(value, values.meaning, gray));
  }
  const char* const noun = values.meaning == Meaning::kIndex ? "palette indices"
                           : values.meaning == Meaning::kAlpha ? "alpha values"
                           : gray                              ? "gray values"
                                                               : "colors";
  return absl::StrCat(
      seen.size() > kMostCounted ? "more than " : "",
      std::min(seen.size(), kMostCounted), " ", noun, " besides 0",
      ignored == 0 ? "" : " and the ignored label", ": ", examples,
      seen.size() > kMostShown ? ", ..." : "",
      values.meaning == Meaning::kColor && !gray && seen.size() >= kPicture
          ? "; it looks like a picture, or a mask laid over one"
          : "");
}

}  // namespace

absl::StatusOr<MaskImage> ReadMaskImage(const std::string& path,
                                        int ignored_label) {
  // For its errors about paths that are not regular files.
  TRANSECT_RETURN_IF_ERROR(ProbeImage(path).status());
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(path, kMaxFileBytes));
  const std::optional<ImageHeader> header = ReadImageHeader(bytes);
  TRANSECT_ASSIGN_OR_RETURN(
      Values values,
      ReadValues(bytes, path, header.has_value() ? header->bits : 8));
  MaskImage mask;
  if (header.has_value() && header->alpha && header->upright) {
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<uint8_t> alpha,
                              DecodeAlpha(bytes, path));
    mask.in_alpha = WhyAlpha(values, alpha);
    if (!mask.in_alpha.empty()) {
      values.meaning = Meaning::kAlpha;
      std::transform(alpha.begin(), alpha.end(), values.of_pixel.begin(),
                     [](uint8_t value) { return value * kGrayStep; });
    }
  }
  const uint32_t ignored =
      mask.in_alpha.empty() ? static_cast<uint32_t>(ignored_label) * kGrayStep
                            : 0;
  mask.size = values.size;
  mask.many_values = ManyValues(values, ignored);
  mask.pixels.resize(values.of_pixel.size());
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    const uint32_t value = values.of_pixel[i];
    if (ignored != 0 && value == ignored) {
      mask.ignored.resize(mask.pixels.size());
      mask.ignored[i] = 1;
    } else {
      mask.pixels[i] = value != 0;
    }
  }
  return mask;
}

}  // namespace transect
