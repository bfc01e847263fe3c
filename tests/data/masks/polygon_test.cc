// segmentation_json_test compares with pycocotools.
#include "data/masks/polygon.h"

#include <vector>

#include "absl/status/status.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PolygonTest, CornersBetweenPixelsTakeThePixelsInside) {
  ASSERT_OK_AND_ASSIGN(const Rle box,
                       RleFromPolygon({2, 1, 5, 1, 5, 3, 2, 3}, 4, 6));
  EXPECT_THAT(RleBox(box), ElementsAre(2, 1, 5, 3));
  EXPECT_EQ(RleArea(box), 6);
  ASSERT_OK_AND_ASSIGN(const Rle all,
                       RleFromPolygon({-9, -9, 90, -9, 90, 90, -9, 90}, 4, 6));
  EXPECT_EQ(RleArea(all), 24);
}

TEST(PolygonTest, LimitsAreThoseOfTheHeader) {
  const double most = kMaxPolygonCoordinate;
  EXPECT_THAT(RleFromPolygon({0, 0, most, 0, most, most}, 4, 6), IsOk());
  EXPECT_THAT(RleFromPolygon({0, 0, most + 1, 0, most, most}, 4, 6),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must be -100000 to 100000")));
  std::vector<double> zigzag;
  while (zigzag.size() * 5 * most / 2 <= 2.0 * kMaxPolygonOutline) {
    zigzag.insert(zigzag.end(), {0, 0, most, 1});
  }
  EXPECT_THAT(
      RleFromPolygon(zigzag, 4, 6),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("an outline of")));
  EXPECT_THAT(RleFromPolygon({0, 0, 1, 0, 1, 1}, 0, 6),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("at least 1 x 1")));
}

}  // namespace
}  // namespace transect
