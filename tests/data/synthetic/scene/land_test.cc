#include "data/synthetic/scene/land.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace transect {
namespace {

Land Plain() {
  Land land;
  land.gsd_cm = 100;
  land.size = 400;
  land.angle = 7;
  land.bend.assign(800, 0);
  land.shore.assign(800, 0);
  return land;
}

TEST(LandTest, FrameAndImageAreInverse) {
  const Land land = Plain();
  for (const FramePoint point :
       {FramePoint{0, 0}, FramePoint{1200, -800}, FramePoint{-3000, 640}}) {
    int x, y;
    land.FromFrame(point, &x, &y);
    const FramePoint back = land.ToFrame(x, y);
    EXPECT_LE(std::abs(back.u - point.u), 1);
    EXPECT_LE(std::abs(back.v - point.v), 1);
  }
  int x, y;
  land.FromFrame({0, 0}, &x, &y);
  EXPECT_EQ(x, 200 * 256);
  EXPECT_EQ(y, 200 * 256);
}

TEST(LandTest, LengthsFollowTheGroundSampleDistanceDownToAFloor) {
  Land land = Plain();
  EXPECT_EQ(land.Steps(100), 10 * kFrameSteps);
  land.gsd_cm = 3000;
  EXPECT_EQ(land.Steps(100, 2), 2 * kFrameSteps);
}

TEST(LandTest, WaterIsBeyondTheCoastAndInsideOfTheRiver) {
  Land land = Plain();
  EXPECT_LT(land.WaterDepth({0, 0}), 0);
  land.water = Land::Water::kCoast;
  land.water_center = 500;
  EXPECT_EQ(land.WaterDepth({0, 400}), -100);
  EXPECT_EQ(land.WaterDepth({0, 600}), 100);
  land.water = Land::Water::kRiver;
  land.water_half = 200;
  EXPECT_EQ(land.WaterDepth({0, 500}), 200);
  EXPECT_EQ(land.WaterDepth({0, 800}), -100);
}

TEST(LandTest, ARiverIsWideAboveADamAndNarrowBelow) {
  Land land = Plain();
  land.water = Land::Water::kRiver;
  land.water_half = 200;
  land.barrages = {{0}};
  EXPECT_GT(land.RiverHalfAt(10), 2 * land.RiverHalfAt(-10));
}

TEST(LandTest, AHarborHasAStraightWaterfront) {
  Land land = Plain();
  land.water = Land::Water::kCoast;
  land.water_center = 500;
  land.shore.assign(800, 60);
  land.basins = {{0, 500, 300, 400, 1}};
  EXPECT_GT(land.WaterDepth({100, 510}), 0);
  EXPECT_LT(land.WaterDepth({100, 490}), 0);
  // Away from it the shore is where it was.
  EXPECT_LT(land.WaterDepth({600, 540}), 0);
}

TEST(LandTest, RoadsAreWhereTheyAre) {
  Land land = Plain();
  EXPECT_GT(land.RoadDistance({0, 0}), 0);
  land.bands = {{Band::Kind::kHighway, 100, 40}};
  land.cross_roads = {{300, 20, -1000, 1000, false}};
  EXPECT_EQ(land.RoadDistance({0, 150}), 10);
  EXPECT_EQ(land.RoadDistance({310, -500}), -10);
  EXPECT_GT(land.RoadDistance({310, -1500}), 0);
  ASSERT_NE(land.FindBand(Band::Kind::kHighway), nullptr);
  EXPECT_EQ(land.FindBand(Band::Kind::kApron), nullptr);
}

}  // namespace
}  // namespace transect
