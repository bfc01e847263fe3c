#include "data/image/prediction_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
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

TEST(FitTo, PutsTheLongerSideToItsLengthAndKeepsTheShape) {
  for (const auto& [height, width] :
       std::vector<std::pair<int, int>>{{64, 96}, {800, 1200}}) {
    const Image fitted = FitTo(Gray(height, width), 150);
    EXPECT_EQ(fitted.height, 100);
    EXPECT_EQ(fitted.width, 150);
    EXPECT_EQ(At(fitted, 50, 70), std::vector<uint8_t>(3, 100));
  }
  EXPECT_EQ(FitTo(Gray(2, 900), 150).height, 1);
}

// Green minus red of a pixel.
int Greenness(const Image& image, int y, int x) {
  const std::vector<uint8_t> pixel = At(image, y, x);
  return pixel[1] - pixel[2];
}

TEST(SmallMaskJpeg, ColorsTruthGreenAndPredictionsOrangeAtAnySize) {
  // The left half, at half and at four times the size of the picture.
  for (const int side : {50, 400}) {
    std::vector<uint8_t> mask(static_cast<size_t>(side) * side, 0);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side / 2; ++x) mask[y * side + x] = 1;
    }
    const auto draw = [&](MaskColor color) {
      auto jpeg = SmallMaskJpeg(Gray(100, 100), mask, side, side, color);
      EXPECT_THAT(jpeg, IsOk());
      return Read(*jpeg).image;
    };
    const Image truth = draw(MaskColor::kTruth);
    EXPECT_EQ(truth.width, 100);
    EXPECT_GT(Greenness(truth, 50, 20), 30);
    EXPECT_LT(At(truth, 50, 80)[0], 85);
    const Image prediction = draw(MaskColor::kPrediction);
    EXPECT_LT(Greenness(prediction, 50, 20), -20);
  }
  EXPECT_THAT(SmallMaskJpeg(Gray(100, 100), {1, 0}, 2, 2, MaskColor::kTruth),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SmallMaskJpeg, ShowsAnObjectThatIsSmallerThanAPixel) {
  std::vector<uint8_t> mask(1600 * 1600, 0);
  const auto draw = [&] {
    auto jpeg =
        SmallMaskJpeg(Gray(100, 100), mask, 1600, 1600, MaskColor::kPrediction);
    EXPECT_THAT(jpeg, IsOk());
    return Read(*jpeg).image;
  };
  const Image empty = draw();
  for (int y = 805; y < 808; ++y) {
    for (int x = 805; x < 808; ++x) mask[y * 1600 + x] = 1;
  }
  const Image drawn = draw();
  EXPECT_GT(At(drawn, 50, 50)[1], At(empty, 50, 50)[1] + 60);
  EXPECT_LT(std::abs(At(drawn, 10, 10)[1] - At(empty, 10, 10)[1]), 5);
}

TEST(SmallActivationJpeg, IsRedAboveTheThresholdAndBlueBelow) {
  // A map of 2 x 2: above the threshold on the left.
  ASSERT_OK_AND_ASSIGN(
      const std::string jpeg,
      SmallActivationJpeg(Gray(100, 100), {4, -4, 4, -4}, 2, 2));
  const Image drawn = Read(jpeg).image;
  EXPECT_GT(Warmth(drawn, 50, 10), 50);
  EXPECT_LT(Warmth(drawn, 50, 90), -30);
  EXPECT_THAT(SmallActivationJpeg(Gray(100, 100), {4}, 2, 2),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace transect
