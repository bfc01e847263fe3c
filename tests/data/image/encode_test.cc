#include "data/image/encode.h"

#include <cstdlib>
#include <string>

#include "data/image/decode.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

Image Gradient(int height, int width) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {2 * x, 3 * y, x + y}) {
        image.bgr.push_back(static_cast<uint8_t>(value));
      }
    }
  }
  return image;
}

TEST(EncodeTest, DecodingGivesNearlyTheSamePixels) {
  const Image image = Gradient(40, 64);
  ASSERT_OK_AND_ASSIGN(const std::string jpeg, EncodeJpeg(image, 95));
  ASSERT_OK_AND_ASSIGN(const Image back, DecodeJpeg(jpeg, "encoded"));
  ASSERT_EQ(back.height, 40);
  ASSERT_EQ(back.width, 64);
  for (size_t i = 0; i < image.bgr.size(); ++i) {
    ASSERT_LE(std::abs(back.bgr[i] - image.bgr[i]), 12) << i;
  }
}

TEST(EncodeTest, TheSamePixelsGiveTheSameBytesAndQualityCosts) {
  const Image image = Gradient(64, 64);
  ASSERT_OK_AND_ASSIGN(const std::string high, EncodeJpeg(image, 95));
  ASSERT_OK_AND_ASSIGN(const std::string again, EncodeJpeg(image, 95));
  ASSERT_OK_AND_ASSIGN(const std::string low, EncodeJpeg(image, 50));
  EXPECT_EQ(high, again);
  EXPECT_LT(low.size(), high.size());
}

}  // namespace
}  // namespace transect
