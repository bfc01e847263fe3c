#include "data/masks/mask_checks.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotations.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/masks/rle.h"
#include "data/synthetic/synthesis.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int kSide = 64;

// A rectangle x1, y1, x2, y2; of its pixels those with (x + y) % every == 0 are
// left out.
Rle Rectangle(const std::array<int, 4>& box, int every = 1000) {
  std::vector<uint8_t> pixels(kSide * kSide, 0);
  for (int y = box[1]; y < box[3]; ++y) {
    for (int x = box[0]; x < box[2]; ++x) {
      pixels[y * kSide + x] = (x + y) % every != 0;
    }
  }
  return RleFromMask(pixels, kSide, kSide);
}

// The mask after it was saved as a JPEG file, and every value but 0 taken.
Rle FromJpeg(const Rle& mask, int quality) {
  const std::vector<uint8_t> pixels = MaskFromRle(mask);
  Image image{mask.height, mask.width, {}};
  for (const uint8_t pixel : pixels) {
    image.bgr.insert(image.bgr.end(), 3, pixel * 255);
  }
  const absl::StatusOr<std::string> jpeg = EncodeJpeg(image, quality);
  EXPECT_THAT(jpeg, IsOk());
  const absl::StatusOr<Image> decoded = DecodeJpeg(*jpeg, "mask.jpg");
  EXPECT_THAT(decoded, IsOk());
  std::vector<uint8_t> rung(pixels.size());
  for (size_t i = 0; i < rung.size(); ++i) {
    rung[i] = decoded->bgr[3 * i] != 0;
  }
  return RleFromMask(rung, mask.height, mask.width);
}

TEST(MaskChecksTest, MasksOnTheGridOfJpeg) {
  // The extent of sample 14636 of RRSIS-D is of this kind: x 496 to 512, y 24
  // to 64, with holes like a chess board's.
  EXPECT_TRUE(FollowsJpegGrid(Rectangle({16, 24, 32, 64}, 2)));
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({16, 24, 31, 64}, 2)));
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({16, 24, 32, 48})))
      << "an exact box may lie on the grid";
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({0, 0, 64, 64}))) << "borders only";
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({0, 0, 64, 8}))) << "one side";
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({0, 0, 0, 0})));
  // One or two rows of the grid are chance.
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({3, 8, 61, 40})));
  // Stairs: half of the borders on four rows of the grid, the extent not.
  std::vector<uint8_t> stairs(kSide * kSide, 0);
  for (int x = 1; x < 63; ++x) {
    for (int y = 3; y < 8 * (1 + x / 8 % 4); ++y) {
      stairs[y * kSide + x] = 1;
    }
  }
  EXPECT_TRUE(FollowsJpegGrid(RleFromMask(stairs, kSide, kSide)));
}

// Masks that Transect draws are exact, those of a JPEG file are not.
class SyntheticMasks : public ::testing::TestWithParam<int> {};

TEST_P(SyntheticMasks, RingFromAJpegFileAndNotBefore) {
  SynthesisSpec recipe;
  recipe.set_image_size(GetParam());
  recipe.set_train_images(GetParam() > 200 ? 150 : 300);
  recipe.set_val_images(0);
  recipe.set_jpeg_quality(50);
  const std::string root =
      absl::StrCat(::testing::TempDir(), "/masks_", GetParam());
  ASSERT_THAT(WriteSyntheticDataset(recipe, root, nullptr), IsOk());
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::RRSISD, root));
  int ringing = 0;
  for (const IndexedRecord& record : all.split[0]) {
    const Rle mask{record.mask_height(),
                   record.mask_width(),
                   {record.runs().begin(), record.runs().end()}};
    EXPECT_FALSE(FollowsJpegGrid(mask)) << record.place();
    ringing += FollowsJpegGrid(FromJpeg(mask, 75)) ? 1 : 0;
  }
  const auto records = static_cast<double>(all.split[0].size());
  EXPECT_GE(ringing / records, 0.8);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SyntheticMasks, ::testing::Values(64, 256));

TEST(MaskChecksTest, OverlapOfBoxAndExtent) {
  const Rle mask = Rectangle({10, 10, 20, 20});
  EXPECT_EQ(BoxOverlap({10, 10, 20, 20}, mask), 1);
  EXPECT_EQ(BoxOverlap({0, 0, 60, 60}, mask), 1);
  EXPECT_EQ(BoxOverlap({12, 12, 14, 14}, mask), 1);
  EXPECT_EQ(BoxOverlap({15, 10, 25, 20}, mask), 0.5);
  EXPECT_EQ(BoxOverlap({20, 10, 30, 20}, mask), 0);
  EXPECT_EQ(BoxOverlap({10, 10, 10, 20}, mask), 0);
  EXPECT_EQ(BoxOverlap({10, 10, 20, 20}, Rectangle({0, 0, 0, 0})), 0);
}

}  // namespace
}  // namespace transect
