#include "data/synthetic/texture.h"

#include <algorithm>
#include <cstdlib>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(TextureTest, FieldsAreSmoothBoundedAndVaried) {
  const NoiseField field(200, 40, 1, 5);
  int least = 1000, most = -1000;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      least = std::min(least, field.at(x, y));
      most = std::max(most, field.at(x, y));
      if (x > 0) {
        // 512 over a cell of 40, and the ease's slope of 1.5.
        EXPECT_LE(std::abs(field.at(x, y) - field.at(x - 1, y)), 25);
      }
    }
  }
  EXPECT_GE(least, -256);
  EXPECT_LE(most, 256);
  EXPECT_GT(most - least, 200);
}

TEST(TextureTest, OctavesAddDetailAndSeedsDiffer) {
  const auto roughness = [](const NoiseField& field) {
    int sum = 0;
    for (int x = 1; x < 128; ++x) {
      sum += std::abs(field.at(x, 60) - field.at(x - 1, 60));
    }
    return sum;
  };
  EXPECT_GT(2 * roughness(NoiseField(128, 32, 5, 1)),
            3 * roughness(NoiseField(128, 32, 1, 1)));
  EXPECT_NE(NoiseField(128, 32, 1, 1).at(60, 60),
            NoiseField(128, 32, 1, 2).at(60, 60));
  EXPECT_EQ(NoiseField(128, 32, 1, 1).clamped(-5, 300),
            NoiseField(128, 32, 1, 1).at(0, 127));
}

TEST(TextureTest, NoiseOfOneNumberIsContinuousThroughZero) {
  for (int x = -200; x < 200; ++x) {
    EXPECT_LE(std::abs(SmoothNoise1(x, 50, 9) - SmoothNoise1(x - 1, 50, 9)),
              20);
  }
}

}  // namespace
}  // namespace transect
