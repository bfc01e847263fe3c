#include "data/masks/mask_checks.h"

#include <array>
#include <cstdint>
#include <vector>

#include "data/masks/rle.h"
#include "gtest/gtest.h"

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

TEST(MaskChecksTest, MasksOnTheGridOfJpeg) {
  // The extent of sample 14636 of RRSIS-D is of this kind: x 496 to 512, y 24
  // to 64, with holes like a chess board's.
  EXPECT_TRUE(FollowsJpegGrid(Rectangle({16, 24, 32, 64}, 2)));
  EXPECT_TRUE(FollowsJpegGrid(Rectangle({16, 24, 32, 48})));
  EXPECT_FALSE(FollowsJpegGrid(Rectangle({16, 24, 31, 48})));
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
