// The resampling of 8-bit images of Pillow before 13, re-made from its
// definition.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/image/decode.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Fractional bits of a weight: 8 bits of pixel and 2 of overshoot are left.
constexpr int kPrecision = 32 - 8 - 2;
constexpr double kKernelRadius = 2;

double Cubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1) {
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  }
  if (x < 2) {
    return (((x - 5) * x + 8) * x - 4) * a;
  }
  return 0;
}

// The input pixels that one output pixel is made of.
struct Taps {
  int first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> MakeTaps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double widening = std::max(scale, 1.0);
  const double radius = kKernelRadius * widening;
  std::vector<Taps> all(to);
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - radius + 0.5), 0);
    const int last = std::min(static_cast<int>(center + radius + 0.5), from);
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(Cubic((x - center + 0.5) * (1.0 / widening)));
      sum += weights.back();
    }
    all[i].first = first;
    for (const double weight : weights) {
      const double fixed = (sum != 0 ? weight / sum : weight) *
                           static_cast<double>(1 << kPrecision);
      all[i].weights.push_back(
          static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return all;
}

uint8_t Pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecision, 0, 255));
}

constexpr int32_t kHalf = 1 << (kPrecision - 1);

Image ResizeRows(const Image& image, int width) {
  const std::vector<Taps> taps = MakeTaps(image.width, width);
  Image result{image.height, width, {}};
  result.bgr.resize(static_cast<size_t>(image.height) * width * 3);
  uint8_t* to = result.bgr.data();
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* const row =
        image.bgr.data() + static_cast<size_t>(y) * image.width * 3;
    for (const Taps& tap : taps) {
      const uint8_t* from = row + size_t{3} * tap.first;
      int32_t sums[3] = {kHalf, kHalf, kHalf};
      for (const int32_t weight : tap.weights) {
        sums[0] += from[0] * weight;
        sums[1] += from[1] * weight;
        sums[2] += from[2] * weight;
        from += 3;
      }
      for (const int32_t sum : sums) {
        *to++ = Pixel(sum);
      }
    }
  }
  return result;
}

Image ResizeColumns(const Image& image, int height) {
  const std::vector<Taps> taps = MakeTaps(image.height, height);
  const size_t stride = static_cast<size_t>(image.width) * 3;
  Image result{height, image.width, {}};
  result.bgr.resize(height * stride);
  std::vector<int32_t> sums(stride);
  uint8_t* to = result.bgr.data();
  for (const Taps& tap : taps) {
    std::fill(sums.begin(), sums.end(), kHalf);
    const uint8_t* from = image.bgr.data() + tap.first * stride;
    for (const int32_t weight : tap.weights) {
      for (size_t i = 0; i < stride; ++i) {
        sums[i] += from[i] * weight;
      }
      from += stride;
    }
    to = std::transform(sums.begin(), sums.end(), to, Pixel);
  }
  return result;
}

}  // namespace

Image ResizeBicubic(const Image& image, int height, int width) {
  TRANSECT_CHECK(height >= 1 && width >= 1) << height << " x " << width;
  // An axis that keeps its size is not filtered.
  Image result = width == image.width ? image : ResizeRows(image, width);
  return height == image.height ? result : ResizeColumns(result, height);
}

}  // namespace transect
