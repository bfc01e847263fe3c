#include "data/image/mask_image.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/image/image_header.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kHeight = 10;
constexpr int kWidth = 12;

// testdata/mask_NAME, by testdata/make_mask_fixtures.py.
std::string Fixture(const std::string& name) {
  return absl::StrCat("tests/data/image/testdata/mask_", name);
}

MaskImage Read(const std::string& name, int ignored_label = 0) {
  absl::StatusOr<MaskImage> mask = ReadMaskImage(Fixture(name), ignored_label);
  EXPECT_THAT(mask, IsOk()) << name;
  return mask.ok() ? *std::move(mask) : MaskImage();
}

std::string PathOf(const std::string& contents) {
  const std::string path = absl::StrCat(
      ::testing::TempDir(), "/",
      ::testing::UnitTest::GetInstance()->current_test_info()->name());
  EXPECT_THAT(WriteFile(path, contents), IsOk());
  return path;
}

// The object of all fixtures.
std::vector<uint8_t> Object() {
  std::vector<uint8_t> object(kHeight * kWidth, 0);
  for (int y = 2; y < 6; ++y) {
    std::fill_n(&object[y * kWidth + 3], 5, 1);
  }
  return object;
}

TEST(MaskImageTest, TwoValuesAreBackgroundAndObjectHoweverTheyAreStored) {
  for (const char* name :
       {"palette_1_bits.png", "palette_2_bits.png", "palette_4_bits.png",
        "palette_8_bits.png", "palette_transparent.png", "palette.tif",
        "one_bit.png", "gray.png", "red.png", "opaque.png",
        "alpha_agrees.png"}) {
    const MaskImage mask = Read(name);
    EXPECT_EQ(mask.size.height, kHeight) << name;
    EXPECT_EQ(mask.size.width, kWidth) << name;
    EXPECT_EQ(mask.pixels, Object()) << name;
    EXPECT_THAT(mask.ignored, IsEmpty()) << name;
    EXPECT_THAT(mask.many_values, IsEmpty()) << name;
    EXPECT_THAT(mask.in_alpha, IsEmpty()) << name;
  }
}

TEST(MaskImageTest, MoreValuesAreToldWithExamples) {
  EXPECT_EQ(Read("palette_two_objects.png").many_values,
            "2 palette indices besides 0: 1, 2");
  EXPECT_EQ(Read("palette_two_objects.png").pixels, Object());
  EXPECT_EQ(Read("gray_soft.png").many_values,
            "2 gray values besides 0: 90, 255");
  const MaskImage from_one = Read("gray_from_one.png");
  EXPECT_EQ(from_one.many_values, "2 gray values besides 0: 1, 2");
  EXPECT_EQ(std::count(from_one.pixels.begin(), from_one.pixels.end(), 1),
            kHeight * kWidth);
  EXPECT_THAT(Read("overlay.png").many_values,
              AllOf(HasSubstr("colors besides 0: #"), HasSubstr(", ...; it "),
                    HasSubstr("looks like a picture")));
}

TEST(MaskImageTest, AnIgnoredLabelIsAnIndexWhereThereIsAPalette) {
  const MaskImage all = Read("palette_label_15.png");
  EXPECT_EQ(all.many_values, "2 palette indices besides 0: 1, 15");
  const MaskImage mask = Read("palette_label_15.png", 15);
  EXPECT_THAT(mask.many_values, IsEmpty());
  EXPECT_EQ(mask.pixels, Object());
  ASSERT_EQ(mask.ignored.size(), mask.pixels.size());
  for (int i = 0; i < kHeight * kWidth; ++i) {
    EXPECT_EQ(mask.ignored[i], i / kWidth == 9) << i;
  }
  // The color of index 15 is white.
  EXPECT_THAT(Read("palette_label_15.png", 255).ignored, IsEmpty());
}

TEST(MaskImageTest, TheAlphaChannelCountsWhereColorsCannotTell) {
  const MaskImage only = Read("alpha_only.png");
  EXPECT_EQ(only.pixels, Object());
  EXPECT_EQ(only.in_alpha,
            "all pixels have color #000000, only the alpha channel differs");
  EXPECT_THAT(only.many_values, IsEmpty());
  const MaskImage gray = Read("alpha_only_gray.png", 200);
  EXPECT_EQ(gray.pixels, Object());
  EXPECT_THAT(gray.in_alpha, HasSubstr("#ffffff"));
  EXPECT_THAT(gray.ignored, IsEmpty()) << "alpha has no label";
  const MaskImage white = Read("alpha_white_background.png");
  EXPECT_EQ(white.pixels, Object());
  EXPECT_THAT(white.in_alpha, HasSubstr("fully transparent pixels have a "
                                        "color, such as #ffffff"));
  EXPECT_EQ(Read("alpha_soft.png").many_values,
            "2 alpha values besides 0: 128, 255");
}

TEST(MaskImageTest, APaletteFileThatIsCutOffIsAnError) {
  ASSERT_OK_AND_ASSIGN(const std::string whole,
                       ReadFile(Fixture("palette_8_bits.png")));
  const std::string path = absl::StrCat(::testing::TempDir(), "/cut.png");
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    ASSERT_THAT(WriteFile(path, whole.substr(0, bytes)), IsOk());
    const absl::StatusOr<MaskImage> mask = ReadMaskImage(path);
    // OpenCV does not need the last chunk, which has no contents.
    if (bytes + 12 < whole.size()) {
      EXPECT_THAT(mask, StatusIs(absl::StatusCode::kInvalidArgument)) << bytes;
    }
  }
}

TEST(MaskImageTest, OnlyAFileWithAPaletteIsChangedToGray) {
  ASSERT_OK_AND_ASSIGN(const std::string gray, ReadFile(Fixture("gray.png")));
  EXPECT_EQ(PaletteAsGray(gray), "");
  EXPECT_EQ(PaletteAsGray("version https://git-lfs.github.com/spec/v1"), "");
  EXPECT_EQ(PaletteAsGray(""), "");
  for (const char* name : {"palette_2_bits.png", "palette.tif"}) {
    ASSERT_OK_AND_ASSIGN(const std::string file, ReadFile(Fixture(name)));
    const std::string changed = PaletteAsGray(file);
    const auto header = ReadImageHeader(changed);
    ASSERT_TRUE(header.has_value()) << name;
    EXPECT_FALSE(header->palette) << name;
    EXPECT_EQ(header->width, kWidth) << name;
  }
}

TEST(MaskImageTest, APixelIsObjectWhereAnyChannelIsNotZero) {
  Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3, 0)};
  for (int i = 0; i < 16 * 8 * 3; ++i) {
    image.bgr[i] = 255;
  }
  ASSERT_OK_AND_ASSIGN(const std::string jpeg, EncodeJpeg(image, 100));
  ASSERT_OK_AND_ASSIGN(const MaskImage mask, ReadMaskImage(PathOf(jpeg)));
  EXPECT_EQ(mask.size.height, 16);
  ASSERT_EQ(mask.pixels.size(), 256u);
  EXPECT_EQ(mask.pixels[0], 1);
  EXPECT_EQ(mask.pixels[255], 0);
  EXPECT_THAT(ReadMaskImage("/no/such/mask.png"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(MaskImageTest, ALabelIsIgnoredWhereAllChannelsHaveIt) {
  // Blocks of one gray each, which JPEG keeps: 255, 100, 0 and 255 in blue
  // alone.
  Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3, 0)};
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 16; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.bgr[3 * (16 * y + x) + c] = x < 8 ? 255 : 100;
      }
    }
  }
  ASSERT_OK_AND_ASSIGN(const std::string jpeg, EncodeJpeg(image, 100));
  ASSERT_OK_AND_ASSIGN(const MaskImage all, ReadMaskImage(PathOf(jpeg)));
  EXPECT_EQ(std::count(all.pixels.begin(), all.pixels.end(), 1), 128);
  EXPECT_TRUE(all.ignored.empty());
  ASSERT_OK_AND_ASSIGN(const MaskImage mask, ReadMaskImage(PathOf(jpeg), 255));
  ASSERT_EQ(mask.ignored.size(), mask.pixels.size());
  for (int i = 0; i < 256; ++i) {
    const bool upper = i < 128, left = i % 16 < 8;
    EXPECT_EQ(mask.pixels[i], upper && !left) << i;
    EXPECT_EQ(mask.ignored[i], upper && left) << i;
  }
  ASSERT_OK_AND_ASSIGN(const MaskImage none, ReadMaskImage(PathOf(jpeg), 7));
  EXPECT_EQ(none.pixels, all.pixels);
  EXPECT_TRUE(none.ignored.empty());
}

}  // namespace
}  // namespace transect
