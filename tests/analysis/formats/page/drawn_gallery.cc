#include "tests/analysis/formats/page/drawn_gallery.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/formats/page/choose_items.h"
#include "data/image/decode.h"
#include "data/image/prediction_picture.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Side of the worker's pictures (kDrawnSide, launch/evaluation/draw_item.h).
constexpr int kSide = 160;
// Side of a mask and of an activation map of RSRefSeg.
constexpr int kMaskSide = 800;
constexpr int kMapSide = 64;

// Adds to `values`, side x side, random values on a grid of `step` pixels and
// what lies between them.
void AddNoise(int side, int step, double amplitude, Philox* random,
              std::vector<double>* values) {
  const int points = side / step + 2;
  std::vector<double> grid(static_cast<size_t>(points) * points);
  for (double& point : grid) {
    point =
        amplitude * (static_cast<double>(random->NextBelow(2001)) / 1000 - 1);
  }
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double fy = static_cast<double>(y % step) / step;
      const double fx = static_cast<double>(x % step) / step;
      const double* const at =
          grid.data() + static_cast<size_t>(y / step) * points + x / step;
      (*values)[static_cast<size_t>(y) * side + x] +=
          (1 - fy) * ((1 - fx) * at[0] + fx * at[1]) +
          fy * ((1 - fx) * at[points] + fx * at[points + 1]);
    }
  }
}

// Detail of every size, the coarser the stronger, as in photographs.
Image Photograph(Philox* random) {
  Image image = {kSide, kSide, {}};
  std::vector<double> gray(kSide * kSide, 120);
  for (const int step : {1, 2, 4, 8, 16, 32}) {
    AddNoise(kSide, step, 18 + step, random, &gray);
  }
  std::vector<double> hue(kSide * kSide, 0);
  for (const int step : {4, 16, 40}) AddNoise(kSide, step, 12, random, &hue);
  for (size_t i = 0; i < gray.size(); ++i) {
    for (const double tint : {-1.0, 0.2, 1.0}) {
      image.bgr.push_back(static_cast<uint8_t>(
          std::clamp(gray[i] + tint * hue[i], 0.0, 255.0)));
    }
  }
  return image;
}

std::vector<uint8_t> Ellipse(Philox* random) {
  const auto below = [random](int most) {
    return static_cast<int>(random->NextBelow(most));
  };
  const int cx = 100 + below(600);
  const int cy = 100 + below(600);
  const double rx = 20 + below(150);
  const double ry = 20 + below(150);
  std::vector<uint8_t> mask;
  for (int y = 0; y < kMaskSide; ++y) {
    for (int x = 0; x < kMaskSide; ++x) {
      const double dx = (x - cx) / rx;
      const double dy = (y - cy) / ry;
      mask.push_back(dx * dx + dy * dy < 1 ? 1 : 0);
    }
  }
  return mask;
}

PagePicture Jpeg(absl::StatusOr<std::string> bytes) {
  TRANSECT_CHECK_OK(bytes.status());
  return {.media_type = "image/jpeg", .bytes = *std::move(bytes)};
}

}  // namespace

PageGallery DrawnGallery(const PageInput& page) {
  PageGallery gallery;
  gallery.items = ChooseItems(page.input, page.report);
  uint64_t number = 0;
  for (GalleryItem& item : gallery.items) {
    Philox random(++number, "drawn gallery");
    const Image image = Photograph(&random);
    const auto draw = [&](MaskColor color) {
      return Jpeg(
          SmallMaskJpeg(image, Ellipse(&random), kMaskSide, kMaskSide, color));
    };
    item.sentence =
        absl::StrCat("the ", number % 2 == 0 ? "red vehicle" : "storage tank",
                     " on the left of building ", number);
    item.image = Jpeg(SmallJpeg(image));
    item.truth = draw(MaskColor::kTruth);
    for (GalleryView& view : item.views) {
      view.prediction = draw(MaskColor::kPrediction);
      std::vector<double> logits(kMapSide * kMapSide, -2);
      AddNoise(kMapSide, 4, 3, &random, &logits);
      view.activation = Jpeg(SmallActivationJpeg(
          image, std::vector<float>(logits.begin(), logits.end()), kMapSide,
          kMapSide));
    }
  }
  return gallery;
}

}  // namespace transect
