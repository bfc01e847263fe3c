#include "data/synthetic/scene/layout.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace transect {
namespace {

Layout Plain() {
  Layout layout;
  layout.scale = 100;
  layout.size = 400;
  layout.angle = 7;
  layout.bend.assign(800, 0);
  layout.shore.assign(800, 0);
  return layout;
}

TEST(LayoutTest, FrameAndImageAreInverse) {
  const Layout layout = Plain();
  for (const FramePoint point :
       {FramePoint{0, 0}, FramePoint{1200, -800}, FramePoint{-3000, 640}}) {
    int x, y;
    layout.FromFrame(point, &x, &y);
    const FramePoint back = layout.ToFrame(x, y);
    EXPECT_LE(std::abs(back.u - point.u), 1);
    EXPECT_LE(std::abs(back.v - point.v), 1);
  }
  int x, y;
  layout.FromFrame({0, 0}, &x, &y);
  EXPECT_EQ(x, 200 * 256);
  EXPECT_EQ(y, 200 * 256);
}

TEST(LayoutTest, LengthsFollowTheScaleDownToAFloor) {
  Layout layout = Plain();
  EXPECT_EQ(layout.Steps(100), 10 * kFrameSteps);
  layout.scale = 3000;
  EXPECT_EQ(layout.Steps(100, 2), 2 * kFrameSteps);
}

TEST(LayoutTest, WaterIsBeyondTheCoastAndInsideOfTheRiver) {
  Layout layout = Plain();
  EXPECT_LT(layout.WaterDepth({0, 0}), 0);
  layout.water = Layout::Water::kCoast;
  layout.water_center = 500;
  EXPECT_EQ(layout.WaterDepth({0, 400}), -100);
  EXPECT_EQ(layout.WaterDepth({0, 600}), 100);
  layout.water = Layout::Water::kRiver;
  layout.water_half = 200;
  EXPECT_EQ(layout.WaterDepth({0, 500}), 200);
  EXPECT_EQ(layout.WaterDepth({0, 800}), -100);
}

TEST(LayoutTest, ARiverIsWideAboveADamAndNarrowBelow) {
  Layout layout = Plain();
  layout.water = Layout::Water::kRiver;
  layout.water_half = 200;
  layout.barrages = {{0}};
  EXPECT_GT(layout.RiverHalfAt(10), 2 * layout.RiverHalfAt(-10));
}

TEST(LayoutTest, AHarborHasAStraightWaterfront) {
  Layout layout = Plain();
  layout.water = Layout::Water::kCoast;
  layout.water_center = 500;
  layout.shore.assign(800, 60);
  layout.basins = {{0, 500, 300, 400, 1}};
  EXPECT_GT(layout.WaterDepth({100, 510}), 0);
  EXPECT_LT(layout.WaterDepth({100, 490}), 0);
  // Away from it the shore is where it was.
  EXPECT_LT(layout.WaterDepth({600, 540}), 0);
}

TEST(LayoutTest, RoadsAreWhereTheyAre) {
  Layout layout = Plain();
  EXPECT_GT(layout.RoadDistance({0, 0}), 0);
  layout.bands = {{Band::Kind::kHighway, 100, 40}};
  layout.cross_roads = {{300, 20, -1000, 1000, false}};
  EXPECT_EQ(layout.RoadDistance({0, 150}), 10);
  EXPECT_EQ(layout.RoadDistance({310, -500}), -10);
  EXPECT_GT(layout.RoadDistance({310, -1500}), 0);
  ASSERT_NE(layout.FindBand(Band::Kind::kHighway), nullptr);
  EXPECT_EQ(layout.FindBand(Band::Kind::kApron), nullptr);
}

}  // namespace
}  // namespace transect
