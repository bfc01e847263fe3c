#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "data/image/decode.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Ranks and loader threads share the cores already.
void KeepToOneThread() {
  [[maybe_unused]] static const bool once = [] {
    cv::setNumThreads(1);
    return true;
  }();
}

// OpenCV's matrices want writable memory also where they are only read.
cv::Mat View(const uint8_t* pixels, int height, int width, int type) {
  return cv::Mat(height, width, type, const_cast<uint8_t*>(pixels));
}

cv::Mat View(const Image& image) {
  return View(image.bgr.data(), image.height, image.width, CV_8UC3);
}

// `how` is OpenCV's interpolation.
void Resize(const cv::Mat& from, int height, int width, int how,
            std::vector<uint8_t>* pixels) {
  KeepToOneThread();
  TRANSECT_CHECK(height >= 1 && width >= 1) << height << " x " << width;
  pixels->resize(static_cast<size_t>(height) * width * from.elemSize());
  cv::Mat to = View(pixels->data(), height, width, from.type());
  cv::resize(from, to, to.size(), 0, 0, how);
}

}  // namespace

Image ResizeBilinear(const Image& image, int height, int width) {
  Image result;
  ResizeBilinearTo(image, height, width, &result);
  return result;
}

void ResizeBilinearTo(const Image& image, int height, int width,
                      Image* result) {
  Resize(View(image), height, width, cv::INTER_LINEAR, &result->bgr);
  result->height = height;
  result->width = width;
}

Image ResizeArea(const Image& image, int height, int width) {
  Image result{height, width, {}};
  Resize(View(image), height, width, cv::INTER_AREA, &result.bgr);
  return result;
}

std::vector<uint8_t> ResizeNearest(absl::Span<const uint8_t> mask,
                                   int from_height, int from_width, int height,
                                   int width) {
  TRANSECT_CHECK(height >= 1 && width >= 1 &&
                 static_cast<int64_t>(mask.size()) ==
                     int64_t{from_height} * from_width)
      << mask.size() << " bytes of " << from_height << " x " << from_width
      << " to " << height << " x " << width;
  std::vector<uint8_t> result;
  Resize(View(mask.data(), from_height, from_width, CV_8UC1), height, width,
         cv::INTER_NEAREST, &result);
  return result;
}

void ToRgbPlanes(const Image& image, uint8_t* planes) {
  KeepToOneThread();
  const size_t pixels = static_cast<size_t>(image.height) * image.width;
  cv::Mat channels[3];
  for (int c = 0; c < 3; ++c) {
    channels[c] =
        View(planes + (2 - c) * pixels, image.height, image.width, CV_8UC1);
  }
  cv::split(View(image), channels);
}

}  // namespace transect
