#include "data/image/image_header.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

std::string LittleEndian(uint64_t value, int bytes) {
  const std::string text = BigEndian(value, bytes);
  return {text.rbegin(), text.rend()};
}

std::string Fixture(const std::string& name) {
  const absl::StatusOr<std::string> file =
      ReadFile(absl::StrCat("tests/data/image/testdata/", name));
  EXPECT_TRUE(file.ok()) << file.status();
  return file.value_or("");
}

// One entry of a directory of a little-endian TIFF or BigTIFF.
std::string Entry(int tag, int type, uint64_t count, uint64_t value, int word) {
  return absl::StrCat(LittleEndian(tag, 2), LittleEndian(type, 2),
                      LittleEndian(count, word), LittleEndian(value, word));
}

TEST(ImageHeaderTest, SizesBitsAndKindsOfFilesThatOthersWrote) {
  struct Case {
    const char* name;
    ImageKind kind;
    uint64_t height, width;
    int bits;
  };
  for (const Case& c : {Case{"color.jpg", ImageKind::kJpeg, 29, 37, 8},
                        {"color.png", ImageKind::kPng, 29, 37, 8},
                        {"sixteen_bits.png", ImageKind::kPng, 12, 12, 16},
                        {"sixteen_bits.tif", ImageKind::kTiff, 12, 12, 16},
                        {"read_rgb.tif", ImageKind::kTiff, 5, 7, 8},
                        {"read_float.tif", ImageKind::kTiff, 5, 7, 32}}) {
    const std::string file = Fixture(c.name);
    EXPECT_EQ(ImageKindOf(file), c.kind) << c.name;
    const std::optional<ImageHeader> header = ReadImageHeader(file);
    ASSERT_TRUE(header.has_value()) << c.name;
    EXPECT_EQ(header->height, c.height) << c.name;
    EXPECT_EQ(header->width, c.width) << c.name;
    EXPECT_EQ(header->bits, c.bits) << c.name;
  }
}

TEST(ImageHeaderTest, TheDirectoryOfATiffMayLieAnywhereAndHaveWideValues) {
  // Width as BYTE, height as LONG, bits of three channels behind the directory,
  // a tile.
  const std::string entries =
      absl::StrCat(Entry(256, 1, 1, 200, 4), Entry(257, 4, 1, 70000, 4),
                   Entry(258, 3, 3, 8 + 5 + 2 + 12 * 5, 4),
                   Entry(322, 3, 1, 64, 4), Entry(323, 3, 1, 32, 4));
  const std::string file =
      absl::StrCat(absl::string_view("II*\0", 4), LittleEndian(13, 4), "12345",
                   LittleEndian(5, 2), entries, LittleEndian(8, 2),
                   LittleEndian(11, 2), LittleEndian(8, 2));
  const std::optional<ImageHeader> header = ReadImageHeader(file);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->width, 200u);
  EXPECT_EQ(header->height, 70000u);
  EXPECT_EQ(header->bits, 11);
  EXPECT_EQ(header->tile_pixels, 64u * 32u);
  EXPECT_TRUE(header->upright);
}

TEST(ImageHeaderTest, OfTwoSizesTheLargerCounts) {
  const std::string file = absl::StrCat(
      absl::string_view("II*\0", 4), LittleEndian(8, 4), LittleEndian(5, 2),
      Entry(256, 3, 1, 7, 4), Entry(256, 4, 1, 90000, 4),
      Entry(257, 3, 1, 8, 4), Entry(257, 3, 1, 5, 4), Entry(274, 3, 1, 6, 4));
  const std::optional<ImageHeader> header = ReadImageHeader(file);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->width, 90000u);
  EXPECT_EQ(header->height, 8u);
  EXPECT_FALSE(header->upright);
}

TEST(ImageHeaderTest, BigTiff) {
  const uint64_t wide = uint64_t{1} << 33;
  const std::string file =
      absl::StrCat(absl::string_view("II+\0", 4), LittleEndian(8, 2),
                   LittleEndian(0, 2), LittleEndian(16, 8), LittleEndian(4, 8),
                   Entry(256, 16, 1, wide, 8), Entry(257, 4, 1, 9, 8),
                   Entry(322, 16, 1, wide, 8), Entry(323, 16, 1, wide, 8));
  EXPECT_EQ(ImageKindOf(file), ImageKind::kBigTiff);
  const std::optional<ImageHeader> header = ReadImageHeader(file);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->width, wide);
  EXPECT_EQ(header->height, 9u);
  // Does not wrap to something small.
  EXPECT_GE(header->tile_pixels, uint64_t{1} << 63);
}

TEST(ImageHeaderTest, BitmapsMayStandOnTheirHead) {
  const auto bitmap = [](int header, const std::string& sizes) {
    return absl::StrCat("BM", std::string(12, 'x'), LittleEndian(header, 4),
                        sizes, std::string(24, '\0'));
  };
  std::optional<ImageHeader> header = ReadImageHeader(
      bitmap(40, LittleEndian(300, 4) + LittleEndian(-20000, 4)));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->width, 300u);
  EXPECT_EQ(header->height, 20000u);
  header =
      ReadImageHeader(bitmap(12, LittleEndian(300, 2) + LittleEndian(40, 2)));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->width, 300u);
  EXPECT_EQ(header->height, 40u);
}

TEST(ImageHeaderTest, WhatIsCutOffSaysNothingOrTheSame) {
  for (const char* name : {"color.jpg", "color.png", "read_rgb.tif"}) {
    const std::string file = Fixture(name);
    const std::optional<ImageHeader> whole = ReadImageHeader(file);
    ASSERT_TRUE(whole.has_value());
    int nothing = 0;
    for (size_t bytes = 0; bytes < file.size(); ++bytes) {
      const std::optional<ImageHeader> header =
          ReadImageHeader(absl::string_view(file).substr(0, bytes));
      if (!header.has_value()) {
        ++nothing;
        continue;
      }
      EXPECT_EQ(header->height, whole->height) << name << " " << bytes;
      EXPECT_EQ(header->width, whole->width) << name << " " << bytes;
    }
    EXPECT_GT(nothing, 8) << name;
  }
  const std::string png = Fixture("color.png");
  EXPECT_TRUE(PngIsWhole(png));
  EXPECT_TRUE(PngIsWhole(png + "what follows the last chunk"));
  for (size_t bytes = 0; bytes < png.size(); ++bytes) {
    EXPECT_FALSE(PngIsWhole(absl::string_view(png).substr(0, bytes))) << bytes;
  }
  EXPECT_FALSE(ReadImageHeader("GIF89a and more than eight").has_value());
  EXPECT_EQ(ImageKindOf("GIF89a"), ImageKind::kUnknown);
  EXPECT_EQ(ImageKindOf(""), ImageKind::kUnknown);
}

TEST(ImageHeaderTest, CountsThePagesOfATiff) {
  EXPECT_EQ(TiffPages(Fixture("read_rgb.tif")), 1);
  const std::string two = Fixture("read_pages.tif");
  EXPECT_EQ(TiffPages(two), 2);
  EXPECT_EQ(TiffPages(Fixture("color.png")), 0);
  EXPECT_EQ(TiffPages(absl::string_view(two).substr(0, 8)), 0);
  // A directory that is its own successor.
  const std::string itself = absl::StrCat(
      absl::string_view("II*\0", 4), LittleEndian(8, 4), LittleEndian(1, 2),
      Entry(256, 4, 1, 7, 4), LittleEndian(8, 4));
  EXPECT_EQ(TiffPages(itself), 1 << 16);
}

}  // namespace
}  // namespace transect
