#include "launch/evaluation/sample_sheet.h"

#include <string>
#include <vector>

#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int kSide = 16;

// A gray image on disk whose annotation has `mask_side` pixels a side.
Sample GraySample(int mask_side) {
  Image image;
  image.height = kSide;
  image.width = kSide;
  image.bgr.assign(kSide * kSide * 3, 90);
  Sample sample;
  sample.image_path = ::testing::TempDir() + "/gray.jpg";
  EXPECT_THAT(WriteFileAtomic(sample.image_path, *EncodeJpeg(image, 90)),
              IsOk());
  sample.sentence = "The square";
  std::vector<uint8_t> mask(mask_side * mask_side, 0);
  mask[5] = 1;
  sample.mask = RleFromMask(mask, mask_side, mask_side);
  return sample;
}

TEST(SampleSheet, TakesTheFirstItemsOnly) {
  const Sample sample = GraySample(kSide);
  const std::vector<uint8_t> predicted = MaskFromRle(sample.mask);
  PixelCounts counts;
  counts.set_intersection(1);
  counts.set_union_(1);
  const std::string path = ::testing::TempDir() + "/samples.png";
  std::vector<std::string> pictures;
  for (const int added : {1, 2, 3}) {
    SampleSheet sheet(2);
    for (int i = 0; i < added; ++i) {
      ASSERT_THAT(sheet.Add(sample, {predicted, kSide, kSide}, counts), IsOk());
    }
    ASSERT_THAT(sheet.Write(path), IsOk());
    ASSERT_OK_AND_ASSIGN(const std::string picture, ReadFile(path));
    pictures.push_back(picture);
  }
  EXPECT_NE(pictures[0], pictures[1]);
  EXPECT_EQ(pictures[1], pictures[2]);
}

TEST(SampleSheet, LeavesOutAnItemWhoseAnnotationHasAnotherSize) {
  const Sample sample = GraySample(kSide + 1);
  SampleSheet sheet(2);
  const std::vector<uint8_t> predicted = MaskFromRle(sample.mask);
  EXPECT_THAT(
      sheet.Add(sample, {predicted, kSide + 1, kSide + 1}, PixelCounts()),
      IsOk());
  EXPECT_TRUE(sheet.empty());
}

TEST(SampleSheet, DrawsAMaskOfAnotherResolutionAtTheSizeOfTheImage) {
  const Sample sample = GraySample(kSide);
  std::vector<std::string> pictures;
  for (const int side : {kSide, kSide / 2, 3 * kSide}) {
    const std::vector<uint8_t> full(side * side, 1);
    SampleSheet sheet(1);
    ASSERT_THAT(sheet.Add(sample, {full, side, side}, PixelCounts()), IsOk());
    const std::string path = ::testing::TempDir() + "/resolution.png";
    ASSERT_THAT(sheet.Write(path), IsOk());
    ASSERT_OK_AND_ASSIGN(pictures.emplace_back(), ReadFile(path));
  }
  EXPECT_EQ(pictures[1], pictures[0]);
  EXPECT_EQ(pictures[2], pictures[0]);
}

TEST(SampleSheet, WritesNothingWhenEmpty) {
  const std::string path = ::testing::TempDir() + "/nothing.png";
  EXPECT_THAT(SampleSheet(0).Write(path), IsOk());
  EXPECT_FALSE(FileExists(path));
}

}  // namespace
}  // namespace transect
