#include "data/synthetic/scene/noise.h"

#include <algorithm>
#include <cstdint>
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

// Mean square of the step from a pixel to its right neighbor.
double Roughness(int octaves) {
  constexpr int kSeeds = 12;
  double sum = 0;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    const NoiseField field(256, 32, octaves, seed);
    for (int y = 0; y < 256; ++y) {
      for (int x = 1; x < 256; ++x) {
        const double step = field.at(x, y) - field.at(x - 1, y);
        sum += step * step;
      }
    }
  }
  return sum / (kSeeds * 256 * 255);
}

// What Roughness is of layers by the header, but for a factor that all layers
// share. A layer goes from corner to corner of its cells by 3 t^2 - 2 t^3, so
// its mean square step is that of the curve times its squared amplitude. Layers
// are independent: their mean squares add up.
double RoughnessByTheHeader(int octaves) {
  double sum = 0;
  int amplitude = octaves > 1 ? 150 : 256;
  for (int octave = 0, cell = 32; octave < octaves; ++octave, cell /= 2) {
    const auto curve = [cell](int k) {
      const double t = static_cast<double>(k) / cell;
      return t * t * (3 - 2 * t);
    };
    for (int k = 0; k < cell; ++k) {
      const double step = amplitude * (curve(k + 1) - curve(k));
      sum += step * step / cell;
    }
    amplitude = amplitude * 9 / 16;
  }
  return sum;
}

TEST(TextureTest, EachOctaveAddsTheDetailThatTheHeaderSays) {
  // Five octaves make 2.6 times the mean square of one, 1.6 times its slope,
  // of which the last, of 14 gray levels, is a quarter. The 8 x 8 cells of one
  // octave vary with the seed; twelve fields leave two per cent or so.
  const double ratio = RoughnessByTheHeader(5) / RoughnessByTheHeader(1);
  EXPECT_NEAR(ratio, 2.57, 0.01);
  EXPECT_NEAR(Roughness(5) / Roughness(1), ratio, 0.06 * ratio);
  EXPECT_NEAR(Roughness(5) / Roughness(4),
              RoughnessByTheHeader(5) / RoughnessByTheHeader(4), 0.03);
}

TEST(TextureTest, SeedsDifferAndEdgesAreClamped) {
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
