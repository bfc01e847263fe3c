#include "data/image/decode.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Fixture(const std::string& name) {
  return absl::StrCat("tests/data/image/testdata/", name);
}

std::vector<uint8_t> Bytes(const std::string& name) {
  absl::StatusOr<std::string> contents = ReadFile(Fixture(name));
  EXPECT_THAT(contents, IsOk());
  return std::vector<uint8_t>(contents->begin(), contents->end());
}

TEST(DecodeTest, PixelsEqualThoseOfOpenCv) {
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(Fixture("color.jpg")));
  EXPECT_EQ(image.height, 29);
  EXPECT_EQ(image.width, 37);
  EXPECT_EQ(image.bgr, Bytes("color.bgr"));
}

TEST(DecodeTest, ResizesEqualThoseOfOpenCv) {
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(Fixture("color.jpg")));
  EXPECT_EQ(ResizeBilinear(image, 11, 16).bgr, Bytes("color_down.bgr"));
  EXPECT_EQ(ResizeBilinear(image, 64, 50).bgr, Bytes("color_up.bgr"));
  EXPECT_EQ(ResizeBilinear(image, 29, 37).bgr, image.bgr);
  const std::vector<uint8_t> mask = Bytes("mask.bytes");
  EXPECT_EQ(ResizeNearest(mask, 29, 37, 64, 50), Bytes("mask_up.bytes"));
  EXPECT_EQ(ResizeNearest(mask, 29, 37, 11, 16), Bytes("mask_down.bytes"));
  EXPECT_EQ(ResizeNearest(mask, 29, 37, 29, 37), mask);
}

TEST(DecodeTest, ShrinkingByAreaIsTheMeanOfWhatAPixelCovers) {
  Image image{2, 4, {}};
  for (int i = 0; i < 2 * 4 * 3; ++i) {
    image.bgr.push_back(static_cast<uint8_t>(10 * i));
  }
  const Image small = ResizeArea(image, 1, 2);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.width, 2);
  // Rows are 120 apart, neighbours 30: (0 + 30 + 120 + 150) / 4.
  EXPECT_THAT(small.bgr, ::testing::ElementsAre(75, 85, 95, 135, 145, 155));
  EXPECT_EQ(ResizeArea(image, 2, 4).bgr, image.bgr);
}

std::string ErrorOf(const std::string& path) {
  const absl::StatusOr<Image> image = DecodeImage(path);
  EXPECT_FALSE(image.ok());
  EXPECT_THAT(image.status().message(), HasSubstr(path));
  return std::string(image.status().message());
}

TEST(DecodeTest, EveryTruncationIsAnErrorThatNamesTheFile) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(Fixture("color.jpg")));
  for (size_t size = 0; size < bytes.size() - 1; size += 7) {
    EXPECT_THAT(DecodeJpeg(absl::string_view(bytes).substr(0, size), "cut.jpg"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("cannot decode cut.jpg: ")))
        << size;
  }
}

TEST(DecodeTest, WhatIsNoColourJpegIsAnError) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/empty.jpg");
  ASSERT_THAT(WriteFile(path, ""), IsOk());
  EXPECT_THAT(ErrorOf(path), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf(::testing::TempDir()), HasSubstr("Is a directory"));
  EXPECT_THAT(ErrorOf("/no/such.jpg"), HasSubstr("No such file"));
  EXPECT_THAT(ErrorOf(Fixture("gray.jpg")), HasSubstr("exactly 3 colour"));
  EXPECT_THAT(ErrorOf(Fixture("color.png")), HasSubstr("cannot decode"));
}

TEST(DecodeTest, HugeDimensionsAreRefusedBeforeMemoryIsTaken) {
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(Fixture("color.jpg")));
  // Height and width follow marker, length and precision of the frame header.
  const size_t frame = bytes.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  bytes.replace(frame + 5, 4, "\x4E\x20\x4E\x20");
  EXPECT_THAT(DecodeJpeg(bytes, "huge.jpg").status().message(),
              AllOf(HasSubstr("20000 x 20000"), HasSubstr("16384 per side")));
  bytes.replace(frame + 5, 4, "\x3F\x00\x3F\x00", 4);
  EXPECT_THAT(DecodeJpeg(bytes, "huge.jpg").status().message(),
              HasSubstr("67108864 in all"));
}

}  // namespace
}  // namespace transect
