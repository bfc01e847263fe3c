// RefSegRS and RISBench with files as geographic tools write them: TIFF and PNG
// of many kinds by Pillow and tifffile (testdata/make_phrase_fixtures.py).

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotations.h"
#include "data/data.pb.h"
#include "data/defects.h"
#include "data/image/decode.h"
#include "data/index/dataset_index.h"
#include "data/index/index_build.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kHeight = 24;
constexpr int kWidth = 40;
constexpr char kRefSegRs[] = "tests/data/annotations/testdata/refsegrs_mini";
constexpr char kRisBench[] = "tests/data/annotations/testdata/risbench_mini";

DatasetIndex Open(const std::string& root, FoundDataset::Format format) {
  FoundDataset spec;
  spec.set_format(format);
  absl::StatusOr<DatasetIndex> index =
      DatasetIndex::OpenFound(root, spec, "train", "");
  EXPECT_THAT(index, IsOk());
  return index.ok() ? *std::move(index) : DatasetIndex();
}

// The mask of the generator: x 4 .. 13, y 3 .. 8.
void ExpectMask(const Sample& sample) {
  EXPECT_EQ(sample.mask.height, kHeight) << sample.image_path;
  EXPECT_EQ(sample.mask.width, kWidth) << sample.image_path;
  EXPECT_EQ(RleArea(sample.mask), 60) << sample.image_path;
  EXPECT_THAT(RleBox(sample.mask), ElementsAre(4, 3, 14, 9))
      << sample.image_path;
}

TEST(PhraseFilesTest, TiffOfManyKindsHasThePixelsThatWereWritten) {
  const DatasetIndex index = Open(kRefSegRs, FoundDataset::REFSEGRS);
  std::set<std::string> sentences;
  for (const Sample& sample : index.samples()) {
    SCOPED_TRACE(sample.image_path);
    sentences.insert(sample.sentence);
    ExpectMask(sample);
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(sample.image_path));
    ASSERT_EQ(image.height, kHeight);
    ASSERT_EQ(image.width, kWidth);
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const uint8_t* pixel = &image.bgr[3 * (y * kWidth + x)];
        ASSERT_THAT((std::array<int, 3>{pixel[2], pixel[1], pixel[0]}),
                    ElementsAre(6 * x, 10 * y, 3 * (x + y)))
            << x << ", " << y;
      }
    }
  }
  // Compression by LZW and deflate, strips, tiles, separate planes, either byte
  // order; of a fourth channel nothing is seen, as with OpenCV.
  EXPECT_THAT(sentences,
              ElementsAre("the road of kind four_channels",
                          "the road of kind lzw", "the road of kind planes",
                          "the road of kind strips", "the road of kind tiled",
                          "the road of kind tiled_lzw_big_endian"));
}

TEST(PhraseFilesTest, PngOfManyKindsHasThePixelsThatWereWritten) {
  const DatasetIndex index = Open(kRisBench, FoundDataset::RISBENCH);
  ASSERT_EQ(index.samples().size(), 3u);
  for (const Sample& sample : index.samples()) {
    SCOPED_TRACE(sample.image_path);
    ExpectMask(sample);
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(sample.image_path));
    const bool palette = absl::StrContains(sample.image_path, "palette");
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const uint8_t* pixel = &image.bgr[3 * (y * kWidth + x)];
        const std::array<int, 3> expected =
            palette ? std::array<int, 3>{6 * x, 255 - 6 * x, 9}
                    : std::array<int, 3>{6 * x, 10 * y, 3 * (x + y)};
        ASSERT_EQ((std::array<int, 3>{pixel[2], pixel[1], pixel[0]}), expected)
            << x << ", " << y;
      }
    }
  }
}

// What is wrong with the images of split val, by the last part of their names.
std::map<std::string, std::string> DefectsOfVal(FoundDataset::Format format,
                                                const std::string& root,
                                                bool decode) {
  IndexBuildOptions options;
  options.decode_images = decode;
  const absl::StatusOr<Annotations> all = BuildIndex(format, root, options);
  EXPECT_THAT(all, IsOk());
  std::map<std::string, std::string> found;
  if (all.ok()) {
    for (const IndexedRecord& record : all->split[1]) {
      for (const Defect& defect : record.defect()) {
        EXPECT_EQ(defect.kind(), kImageUnreadable);
        EXPECT_THAT(defect.detail(), HasSubstr(record.image()));
        found[record.sentence()] += defect.detail();
      }
    }
  }
  return found;
}

TEST(PhraseFilesTest, WhatEightBitsCannotHoldIsRefusedAtFirstSight) {
  for (const bool decode : {false, true}) {
    const auto tiff = DefectsOfVal(FoundDataset::REFSEGRS, kRefSegRs, decode);
    ASSERT_EQ(tiff.size(), 3u);
    EXPECT_THAT(tiff.at("the road of kind sixteen_bits"),
                HasSubstr("16 bits per channel, at most 8"));
    EXPECT_THAT(tiff.at("the road of kind floats"),
                HasSubstr("32 bits per channel, at most 8"));
    EXPECT_THAT(tiff.at("the road of kind bigtiff"), HasSubstr("BigTIFF"));
    const auto png = DefectsOfVal(FoundDataset::RISBENCH, kRisBench, decode);
    ASSERT_EQ(png.size(), 1u);
    EXPECT_THAT(png.begin()->second,
                HasSubstr("16 bits per channel, at most 8"));
  }
  FoundDataset spec;
  spec.set_format(FoundDataset::REFSEGRS);
  EXPECT_THAT(
      DatasetIndex::OpenFound(kRefSegRs, spec, "val", ""),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("output_phrase_val.txt:1:1"),
                     HasSubstr("bits per channel"),
                     HasSubstr("and 2 more in split val"),
                     HasSubstr("image_unreadable may be ERROR or DROP"))));
}

}  // namespace
}  // namespace transect
