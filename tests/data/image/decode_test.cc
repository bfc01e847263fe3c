#include "data/image/decode.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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
  // Rows are 120 apart, neighbors 30: (0 + 30 + 120 + 150) / 4.
  EXPECT_THAT(small.bgr, ::testing::ElementsAre(75, 85, 95, 135, 145, 155));
  EXPECT_EQ(ResizeArea(image, 2, 4).bgr, image.bgr);
}

TEST(DecodeTest, BicubicResizesEqualThoseOfPillow) {
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(Fixture("color.jpg")));
  EXPECT_EQ(ResizeBicubic(image, 11, 16).bgr, Bytes("color_down_bicubic.bgr"));
  EXPECT_EQ(ResizeBicubic(image, 64, 50).bgr, Bytes("color_up_bicubic.bgr"));
  EXPECT_EQ(ResizeBicubic(image, 29, 37).bgr, image.bgr);
}

// testdata/make_bicubic_fixtures.py.
TEST(DecodeTest, BicubicResizesRowsFirstAsPillowBefore13) {
  const Image tall{48, 10, Bytes("bicubic_tall.bgr")};
  const std::vector<uint8_t> resized = ResizeBicubic(tall, 6, 8).bgr;
  EXPECT_EQ(resized, Bytes("bicubic_tall_rows_first.bgr"));
  const std::vector<uint8_t> columns = Bytes("bicubic_tall_columns_first.bgr");
  ASSERT_EQ(columns.size(), resized.size());
  int different = 0;
  for (size_t i = 0; i < resized.size(); ++i) {
    EXPECT_LE(std::abs(resized[i] - columns[i]), 2) << i;
    different += resized[i] != columns[i] ? 1 : 0;
  }
  EXPECT_GT(different, 0) << "Pillow 13 does columns first";
}

// Files of all kinds, one after the other: see make_image_fixtures.py.
class Records {
 public:
  explicit Records(const std::string& name)
      : bytes_(ReadFile(Fixture(name)).value()) {}
  bool Done() const { return at_ == bytes_.size(); }
  uint32_t Number() {
    uint32_t value = 0;
    const std::string bytes = Take(4);
    for (int i = 3; i >= 0; --i) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }
  std::string Take(size_t size) {
    const std::string bytes = bytes_.substr(at_, size);
    at_ += size;
    return bytes;
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

struct Record {
  std::string name;
  int height = 0;
  int width = 0;
  std::string bgr;
  std::string file;
};

std::vector<Record> AllKinds() {
  std::vector<Record> all;
  for (Records records("kinds.bin"); !records.Done();) {
    Record record;
    record.name = records.Take(records.Number());
    record.height = static_cast<int>(records.Number());
    record.width = static_cast<int>(records.Number());
    record.bgr = records.Take(record.height * record.width * 3);
    record.file = records.Take(records.Number());
    all.push_back(record);
  }
  return all;
}

TEST(DecodeTest, EveryKindOfFileHasThePixelsOfOpenCv) {
  int turned = 0;
  for (const Record& record : AllKinds()) {
    ASSERT_OK_AND_ASSIGN(const Image image,
                         DecodeImageBytes(record.file, record.name));
    EXPECT_EQ(image.height, record.height) << record.name;
    EXPECT_EQ(image.width, record.width) << record.name;
    EXPECT_EQ(std::string(image.bgr.begin(), image.bgr.end()), record.bgr)
        << record.name;
    turned += record.height > record.width;
  }
  // Orientations 5 to 8 stand upright, in either byte order.
  EXPECT_EQ(turned, 8);
}

TEST(DecodeTest, EveryTruncationOfEveryKindIsAnErrorOrHarmless) {
  for (const Record& record : AllKinds()) {
    for (size_t cut = 1; cut < record.file.size(); cut += 97) {
      const absl::StatusOr<Image> image = DecodeImageBytes(
          absl::string_view(record.file).substr(0, record.file.size() - cut),
          "cut");
      // What stands behind the pixels of a TIFF or BMP may be missing.
      if (image.ok() && !absl::StartsWith(record.name, "jpeg") &&
          !absl::StartsWith(record.name, "png")) {
        EXPECT_EQ(std::string(image->bgr.begin(), image->bgr.end()), record.bgr)
            << record.name << " - " << cut;
      } else {
        EXPECT_THAT(image, StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr("cannot decode cut: ")))
            << record.name << " - " << cut;
      }
    }
  }
}

TEST(DecodeTest, WhatOpenCvWouldConvertWithoutAWordIsRefused) {
  for (const char* name : {"sixteen_bits.png", "sixteen_bits.tif"}) {
    EXPECT_THAT(DecodeImage(Fixture(name)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("has 16 bits per channel")))
        << name;
  }
  EXPECT_THAT(DecodeImage(Fixture("cmyk.jpg")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CMYK")));
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

TEST(DecodeTest, WhatIsNoImageIsAnError) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/empty.jpg");
  ASSERT_THAT(WriteFile(path, ""), IsOk());
  EXPECT_THAT(ErrorOf(path), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf(::testing::TempDir()), HasSubstr("Is a directory"));
  EXPECT_THAT(ErrorOf("/no/such.jpg"), HasSubstr("No such file"));
  EXPECT_THAT(ErrorOf(Fixture("color.bgr")),
              HasSubstr("not a JPEG, PNG, TIFF or BMP file"));
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
  ASSERT_OK_AND_ASSIGN(std::string png, ReadFile(Fixture("color.png")));
  png.replace(16, 4, "\x01\x00\x00\x00", 4);
  EXPECT_THAT(DecodeImageBytes(png, "huge.png").status().message(),
              HasSubstr("29 x 16777216 pixels"));
  // Directories of a TIFF, and what follows: nothing.
  const auto little = [](uint32_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) {
      text.push_back(static_cast<char>(value >> (8 * i)));
    }
    return text;
  };
  const auto tiff = [&](int width, int tile) {
    std::string file =
        absl::StrCat(absl::string_view("II*\0", 4), little(8, 4), little(4, 2));
    for (const auto& [tag, value] :
         {std::pair{256, width}, {257, 20000}, {322, tile}, {323, tile}}) {
      absl::StrAppend(&file, little(tag, 2), little(4, 2), little(1, 4),
                      little(value, 4));
    }
    return file;
  };
  EXPECT_THAT(DecodeImageBytes(tiff(20000, 16), "huge.tif").status().message(),
              AllOf(HasSubstr("huge.tif"), HasSubstr("20000 x 20000 pixels"),
                    HasSubstr("16384 per side")));
  std::string small = tiff(100, 16384);
  small.replace(30, 4, little(100, 4));
  EXPECT_THAT(DecodeImageBytes(small, "tiles.tif").status().message(),
              AllOf(HasSubstr("tiles of 268435456 pixels"),
                    HasSubstr("67108864 are allowed")));
  const std::string bitmap =
      absl::StrCat("BM", std::string(12, 'x'), little(40, 4), little(20000, 4),
                   little(20000, 4), std::string(28, '\0'));
  EXPECT_THAT(DecodeImageBytes(bitmap, "huge.bmp").status().message(),
              HasSubstr("20000 x 20000 pixels"));
  EXPECT_THAT(
      DecodeImageBytes(absl::string_view("II+\0\10\0\0\0", 8), "big.tif")
          .status()
          .message(),
      HasSubstr("BigTIFF"));
}

TEST(DecodeTest, AnImageThatWasUsedBeforeTakesTheNext) {
  ASSERT_OK_AND_ASSIGN(const Image jpeg, DecodeImage(Fixture("color.jpg")));
  ASSERT_OK_AND_ASSIGN(const Image png, DecodeImage(Fixture("color.png")));
  Image image{300, 400, std::vector<uint8_t>(3 * 300 * 400, 9)};
  ASSERT_THAT(DecodeImageTo(Fixture("color.jpg"), &image), IsOk());
  EXPECT_EQ(image.height, 29);
  EXPECT_EQ(image.width, 37);
  EXPECT_EQ(image.bgr, jpeg.bgr);
  ASSERT_THAT(DecodeImageTo(Fixture("color.png"), &image), IsOk());
  EXPECT_EQ(image.bgr, png.bgr);
  EXPECT_FALSE(DecodeImageTo(Fixture("cmyk.jpg"), &image).ok());
}

}  // namespace
}  // namespace transect
