#include "data/image/prediction_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "data/image/read_image.h"
#include "data/io/file.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

Image Gray(int height, int width) {
  return {height, width, std::vector<uint8_t>(3u * height * width, 100)};
}

// Pixels of a PNG, by way of a file.
ConvertedImage Read(const std::string& png) {
  const std::string path = testing::TempDir() + "/picture.png";
  EXPECT_THAT(WriteFile(path, png), IsOk());
  auto read = ReadImage(path);
  EXPECT_THAT(read, IsOk());
  return *std::move(read);
}

std::vector<uint8_t> At(const Image& image, int y, int x) {
  const size_t first = 3 * (static_cast<size_t>(y) * image.width + x);
  return {image.bgr[first], image.bgr[first + 1], image.bgr[first + 2]};
}

TEST(MaskPng, IsWhiteInTheMaskAtTheImagesSize) {
  ASSERT_OK_AND_ASSIGN(const std::string png,
                       MaskPng({0, 1, 0, 0, 0, 7}, 2, 3));
  const ConvertedImage mask = Read(png);
  EXPECT_EQ(mask.image.height, 2);
  EXPECT_EQ(mask.image.width, 3);
  EXPECT_EQ(At(mask.image, 0, 1), std::vector<uint8_t>(3, 255));
  EXPECT_EQ(At(mask.image, 1, 2), std::vector<uint8_t>(3, 255));
  EXPECT_EQ(At(mask.image, 1, 1), std::vector<uint8_t>(3, 0));
  EXPECT_THAT(MaskPng({0, 1}, 2, 3),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OverlayPng, ColorsTheMaskDarkensTheRestAndWritesBelow) {
  const Image image = Gray(400, 500);
  std::vector<uint8_t> mask(400 * 500, 0);
  for (int y = 100; y < 200; ++y) {
    for (int x = 100; x < 300; ++x) mask[y * 500 + x] = 1;
  }
  ASSERT_OK_AND_ASSIGN(const std::string png,
                       OverlayPng(image, mask, "the ship", "score 0.90"));
  const Image drawn = Read(png).image;
  EXPECT_EQ(drawn.width, 500);
  EXPECT_GT(drawn.height, 400);
  const std::vector<uint8_t> inside = At(drawn, 150, 200);
  const std::vector<uint8_t> outside = At(drawn, 50, 50);
  EXPECT_GT(inside[2], 130);  // red
  EXPECT_LT(inside[0], 100);  // blue
  EXPECT_LT(outside[1], 90);
  EXPECT_EQ(At(drawn, 100, 150), std::vector<uint8_t>(3, 255));  // outline
  // Another sentence is another picture, a long one is a higher one.
  ASSERT_OK_AND_ASSIGN(const std::string other,
                       OverlayPng(image, mask, "the car", "score 0.90"));
  EXPECT_NE(other, png);
  ASSERT_OK_AND_ASSIGN(
      const std::string longer,
      OverlayPng(image, mask,
                 "the long white ship that lies beside the second of the three "
                 "storage tanks on the left of the image",
                 ""));
  EXPECT_GT(Read(longer).image.height, drawn.height);
  // A sentence without end is cut.
  ASSERT_OK_AND_ASSIGN(const std::string endless,
                       OverlayPng(image, mask, std::string(5000, 'w'), ""));
  EXPECT_LT(Read(endless).image.height, 400 + 5 * 30);
}

TEST(OverlayPng, DrawsSmallImagesLarger) {
  ASSERT_OK_AND_ASSIGN(
      const std::string png,
      OverlayPng(Gray(64, 96), std::vector<uint8_t>(64 * 96, 0), "a", "b"));
  EXPECT_EQ(Read(png).image.width, 6 * 96);
}

// Red minus blue of a pixel: 0 is gray.
int Warmth(const Image& image, int y, int x) {
  const std::vector<uint8_t> pixel = At(image, y, x);
  return pixel[2] - pixel[0];
}

TEST(ActivationPng, IsRedAboveTheThresholdAndBlueBelow) {
  const Image image = Gray(400, 400);
  std::vector<float> logits(400 * 400, -5);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 400; ++x) logits[y * 400 + x] = 5;
  }
  ASSERT_OK_AND_ASSIGN(const std::string png,
                       ActivationPng(image, logits, "the ship", "score 0.90"));
  const Image drawn = Read(png).image;
  EXPECT_GT(Warmth(drawn, 100, 200), 80);
  EXPECT_LT(Warmth(drawn, 300, 200), -50);
  // The line along the threshold.
  EXPECT_EQ(At(drawn, 199, 200), std::vector<uint8_t>(3, 255));
  EXPECT_GT(drawn.height, 400 + 4 * 15);
  ASSERT_OK_AND_ASSIGN(const std::string other,
                       ActivationPng(image, logits, "the car", "score 0.90"));
  EXPECT_NE(other, png);
  EXPECT_THAT(ActivationPng(image, std::vector<float>(3, 0), "", ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Of a map that is never above the threshold the largest value is not hot.
TEST(ActivationPng, WithoutAnythingAboveTheThresholdNothingIsRed) {
  std::vector<float> logits(400 * 400);
  for (size_t i = 0; i < logits.size(); ++i) {
    logits[i] = -4 + 3.9f * static_cast<float>(i) / 160000;
  }
  ASSERT_OK_AND_ASSIGN(
      const std::string png,
      ActivationPng(Gray(400, 400), logits, "the ship", "empty mask"));
  const Image drawn = Read(png).image;
  for (int y = 0; y < 400; ++y) {
    EXPECT_LE(Warmth(drawn, y, 200), 0) << y;
  }
  // Values near 0 are pale, however little the map varies.
  ASSERT_OK_AND_ASSIGN(
      const std::string flat,
      ActivationPng(Gray(400, 400), std::vector<float>(400 * 400, 0.01f),
                    "the ship", "empty mask"));
  EXPECT_LT(Warmth(Read(flat).image, 200, 200), 8);
}

}  // namespace
}  // namespace transect
