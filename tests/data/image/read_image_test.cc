#include "data/image/read_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/io/file.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Path(const std::string& name) {
  return absl::StrCat("tests/data/image/testdata/", name);
}

// The picture of make_read_fixtures.py.
void ExpectGradient(const Image& image) {
  ASSERT_EQ(image.height, 5);
  ASSERT_EQ(image.width, 7);
  ASSERT_EQ(image.bgr.size(), 5u * 7 * 3);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 7; ++x) {
      const uint8_t* pixel = &image.bgr[(y * 7 + x) * 3];
      EXPECT_EQ(pixel[0], 10 * x);
      EXPECT_EQ(pixel[1], 20 * y);
      EXPECT_EQ(pixel[2], 100);
    }
  }
}

TEST(ReadImage, TakesThreeChannelsOfEightBitsAsTheyAre) {
  ASSERT_OK_AND_ASSIGN(const ConvertedImage tiff,
                       ReadImage(Path("read_rgb.tif")));
  ExpectGradient(tiff.image);
  EXPECT_THAT(tiff.notes, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const ConvertedImage palette,
                       ReadImage(Path("read_palette.png")));
  ExpectGradient(palette.image);
  ASSERT_OK_AND_ASSIGN(const ConvertedImage jpeg, ReadImage(Path("color.jpg")));
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(Path("color.jpg")));
  EXPECT_EQ(jpeg.image.bgr, decoded.bgr);
  EXPECT_THAT(jpeg.notes, IsEmpty());
}

TEST(ReadImage, ConvertsSixteenBitsAndSaysSo) {
  for (const char* name : {"read_rgb16.png", "read_rgb16.tif"}) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const ConvertedImage read, ReadImage(Path(name)));
    ExpectGradient(read.image);
    EXPECT_THAT(read.notes,
                ElementsAre(AllOf(HasSubstr("16 bits"), HasSubstr("25700"))));
  }
}

TEST(ReadImage, RefusesCountsOfASensorThatWouldBeBlack) {
  EXPECT_THAT(ReadImage(Path("read_counts16.tif")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("read_counts16.tif"),
                             HasSubstr("up to 800 of 65535"),
                             HasSubstr("gdal_translate"))));
}

TEST(ReadImage, DropsTheFourthChannelAndSaysSo) {
  ASSERT_OK_AND_ASSIGN(const ConvertedImage clear,
                       ReadImage(Path("read_rgba.png")));
  ExpectGradient(clear.image);
  EXPECT_THAT(clear.notes, ElementsAre(HasSubstr("not the same everywhere")));
  ASSERT_OK_AND_ASSIGN(const ConvertedImage opaque,
                       ReadImage(Path("read_opaque.png")));
  EXPECT_THAT(opaque.notes, ElementsAre(HasSubstr("all opaque")));
  ASSERT_OK_AND_ASSIGN(const ConvertedImage wide,
                       ReadImage(Path("read_rgba16.tif")));
  ExpectGradient(wide.image);
  EXPECT_THAT(wide.notes,
              ElementsAre(HasSubstr("fourth"), HasSubstr("16 bits")));
}

TEST(ReadImage, TakesOneChannelAsGreyAndTheFirstPage) {
  ASSERT_OK_AND_ASSIGN(const ConvertedImage gray,
                       ReadImage(Path("read_grey.png")));
  EXPECT_EQ(gray.image.bgr[3 * 2], 20);
  EXPECT_EQ(gray.image.bgr[3 * 2 + 2], 20);
  EXPECT_THAT(gray.notes, ElementsAre(HasSubstr("gray")));
  ASSERT_OK_AND_ASSIGN(const ConvertedImage pages,
                       ReadImage(Path("read_pages.tif")));
  ExpectGradient(pages.image);
  EXPECT_THAT(pages.notes, ElementsAre(HasSubstr("first of 2 pages")));
}

TEST(ReadImage, RefusesWhatIsNoPicture) {
  EXPECT_THAT(ReadImage(Path("read_float.tif")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("read_float.tif"),
                             HasSubstr("neither 8 nor 16 bits"))));
  const std::string path = absl::StrCat(testing::TempDir(), "/read.png");
  const auto error_of = [&path](absl::string_view bytes) {
    EXPECT_THAT(WriteFile(path, bytes), IsOk());
    const auto read = ReadImage(path);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(path));
    return std::string(read.status().message());
  };
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
  EXPECT_THAT(error_of("GIF89a and so on"), HasSubstr("not JPEG, PNG or TIFF"));
  ASSERT_OK_AND_ASSIGN(const std::string whole,
                       ReadFile(Path("read_rgba.png")));
  EXPECT_THAT(error_of(whole.substr(0, 20)), HasSubstr("cut off"));
  EXPECT_THAT(error_of(whole.substr(0, 60)), HasSubstr("cut off"));
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 0x10;
  EXPECT_THAT(error_of(damaged), HasSubstr("damaged"));
  std::string huge = whole;
  huge.replace(16, 8, std::string("\x00\x00\x4e\x20\x00\x00\x4e\x20", 8));
  EXPECT_THAT(error_of(huge), HasSubstr("20000 x 20000 pixels, must be"));
  EXPECT_THAT(ReadImage("/no/such/file.png"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("file.png")));
}

}  // namespace
}  // namespace transect
