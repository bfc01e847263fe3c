#include "data/synthetic/shapes/shapes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/geometry.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(ShapesTest, SinesAreThoseOfTheMathLibraryRounded) {
  for (int angle = -kDirections; angle <= kDirections; ++angle) {
    const double turn = 2 * std::acos(-1.0) * angle / kDirections;
    EXPECT_EQ(SinOf(angle), std::lround(16384 * std::sin(turn))) << angle;
    EXPECT_EQ(CosOf(angle), std::lround(16384 * std::cos(turn))) << angle;
  }
}

TEST(ShapesTest, OutlinesDifferFillTheirLengthAndStayInReach) {
  std::set<std::string> outlines;
  for (int category = 0; category < 20; ++category) {
    std::string outline;
    int longest = 0;
    for (int v = -1300; v <= 1300; v += 20) {
      for (int u = -1300; u <= 1300; u += 20) {
        const bool inside = PartAt(category, u, v) != Part::kOutside;
        outline.push_back(inside ? '1' : '0');
        if (inside) {
          EXPECT_LE(std::abs(u), 1000) << category;
          EXPECT_LE(std::abs(v), 1100) << category;
          longest = std::max(longest, std::abs(u));
        }
      }
    }
    EXPECT_GE(longest, 700) << category;
    EXPECT_TRUE(outlines.insert(outline).second) << category;
  }
  EXPECT_EQ(PartAt(20, 0, 0), Part::kOutside);
}

TEST(ShapesTest, NamedColorsCoverEnoughOfTheirCategory) {
  for (int category = 0; category < 20; ++category) {
    int inside = 0, body = 0;
    for (int v = -1100; v <= 1100; v += 10) {
      for (int u = -1000; u <= 1000; u += 10) {
        inside += PartAt(category, u, v) != Part::kOutside;
        body += PartAt(category, u, v) == Part::kBody;
      }
    }
    const bool named = ColorsOf(category)[0] != ColorName::kNone;
    EXPECT_EQ(body > 0, named) << category;
    if (named) {
      EXPECT_GT(3 * body, inside) << category;
    }
  }
}

TEST(ShapesTest, DetailedShapesStayInReachAndShowTheirColor) {
  for (int category = 0; category < 20; ++category) {
    for (uint32_t look = 1; look < 9; ++look) {
      SceneObject object;
      object.category = category;
      object.look = look * 0x9E3779B1u;
      object.half_width = 260;
      const Variant variant(object);
      int inside = 0, body = 0, longest = 0;
      for (int v = -1300; v <= 1300; v += 10) {
        for (int u = -1300; u <= 1300; u += 10) {
          const Part part = DetailAt(variant, u, v);
          if (part == Part::kOutside) continue;
          ++inside;
          body += part == Part::kBody;
          longest = std::max(longest, std::abs(u));
          ASSERT_LE(std::abs(u), 1000) << category;
          ASSERT_LE(std::abs(v), 1100) << category;
        }
      }
      EXPECT_GE(longest, 700) << category << " " << look;
      const bool named = ColorsOf(category)[0] != ColorName::kNone;
      EXPECT_EQ(body > 0, named) << category;
      if (named) {
        EXPECT_GT(6 * body, inside) << category << " " << look;
      }
    }
  }
}

SceneObject At(int category, int angle, int center_x, int center_y) {
  SceneObject object;
  object.category = category;
  object.angle = angle;
  object.center_x = center_x;
  object.center_y = center_y;
  object.half_length = 12 * kSubpixels;
  FillMask(64, &object);
  return object;
}

TEST(ShapesTest, NothingLiesBeyondTheReachAcross) {
  for (int category = 0; category < 20; ++category) {
    for (uint32_t look = 1; look < 20; ++look) {
      for (const int half_width : {0, 34, 190, 420, 900}) {
        SceneObject object;
        object.category = category;
        object.look = look * 0x85EBCA77u;
        object.half_width = half_width;
        const Variant variant(object);
        const int reach = ReachAcross(variant);
        ASSERT_LE(reach, 1100);
        for (int v = reach + 1; v <= 1100; v += 7) {
          for (int u = -1000; u <= 1000; u += 9) {
            ASSERT_EQ(DetailAt(variant, u, v), Part::kOutside)
                << category << " " << look << " " << u << " " << v;
            ASSERT_EQ(DetailAt(variant, u, -v), Part::kOutside)
                << category << " " << look << " " << u << " " << -v;
          }
        }
      }
    }
  }
}

// A mask by the definition: each pixel of an area that is large enough is
// looked at on its own.
std::vector<uint8_t> MaskByDefinition(int size, int margin,
                                      const SceneObject& object) {
  const ToShape to_shape(object);
  const ObjectShape shape(object);
  const auto inside = [&](int x, int y) {
    const auto [u, v] = to_shape(x, y);
    return shape.At(u, v) != Part::kOutside;
  };
  const auto center = [&](int x, int y) {
    return inside(x * kSubpixels + kSubpixels / 2,
                  y * kSubpixels + kSubpixels / 2);
  };
  const int samples = SamplesPerSide(size);
  const int step = kSubpixels / samples;
  std::vector<uint8_t> mask;
  for (int y = -margin; y < size + margin; ++y) {
    for (int x = -margin; x < size + margin; ++x) {
      const bool here = center(x, y);
      if (object.detailed && center(x - 1, y) == here &&
          center(x + 1, y) == here && center(x, y - 1) == here &&
          center(x, y + 1) == here) {
        mask.push_back(here);
        continue;
      }
      int count = 0;
      for (int i = 0; i < samples * samples; ++i) {
        count += inside(x * kSubpixels + step / 2 + i % samples * step,
                        y * kSubpixels + step / 2 + i / samples * step);
      }
      mask.push_back(2 * count >= samples * samples);
    }
  }
  return mask;
}

TEST(ShapesTest, MasksAreWhatEachPixelOnItsOwnSays) {
  constexpr int kSize = 300;
  constexpr int kMargin = 80;
  constexpr int kWidth = kSize + 2 * kMargin;
  int out = 0, sticking_out = 0;
  for (int category = 0; category < 20; ++category) {
    for (const bool detailed : {true, false}) {
      for (int angle = 0; angle < kDirections; angle += 7) {
        SceneObject object;
        object.category = category;
        object.detailed = detailed;
        object.look = 0x9E3779B1u * (angle + category);
        object.half_width = 190;
        object.angle = angle;
        object.center_x = (40 + 5 * angle) * kSubpixels / 2 + 11 * category;
        object.center_y = (260 - 3 * angle) * kSubpixels + 77;
        object.half_length = 43 * kSubpixels + 101;
        FillMask(kSize, &object);
        std::vector<uint8_t> drawn(kWidth * kWidth, 0);
        const int width = object.box[2] - object.box[0];
        for (size_t i = 0; i < object.mask.size(); ++i) {
          const int x = object.box[0] + static_cast<int>(i) % width + kMargin;
          const int y = object.box[1] + static_cast<int>(i) / width + kMargin;
          drawn[y * kWidth + x] = object.mask[i];
        }
        ASSERT_EQ(drawn, MaskByDefinition(kSize, kMargin, object))
            << category << " " << angle << " " << detailed;
        const bool inside = object.box[0] >= 1 && object.box[1] >= 1 &&
                            object.box[2] < kSize && object.box[3] < kSize;
        if (detailed && SticksOut(kSize, object)) {
          ++sticking_out;
          EXPECT_FALSE(inside) << category << " " << angle;
        }
        out += detailed && !inside;
      }
    }
  }
  // It says no more than is true, but it does say something.
  EXPECT_GT(sticking_out, out / 2);
}

TEST(ShapesTest, MasksFitTheirBoxesAndMoveWithWholePixels) {
  for (int category = 0; category < 20; ++category) {
    const SceneObject object = At(category, 5, 8000, 8100);
    const int width = object.box[2] - object.box[0];
    const int height = object.box[3] - object.box[1];
    ASSERT_EQ(object.mask.size(), static_cast<size_t>(width) * height);
    EXPECT_EQ(std::accumulate(object.mask.begin(), object.mask.end(), 0),
              object.area);
    // Every side of the box is touched.
    int sides[4] = {0, 0, 0, 0};
    for (int y = 0; y < height; ++y) {
      sides[0] += object.mask[y * width];
      sides[1] += object.mask[y * width + width - 1];
    }
    for (int x = 0; x < width; ++x) {
      sides[2] += object.mask[x];
      sides[3] += object.mask[(height - 1) * width + x];
    }
    for (const int side : sides) {
      EXPECT_GT(side, 0) << category;
    }
    const SceneObject moved =
        At(category, 5, 8000 - 40 * kSubpixels, 8100 + 3 * kSubpixels);
    EXPECT_EQ(moved.mask, object.mask);
    EXPECT_EQ(moved.box[0], object.box[0] - 40);
    EXPECT_EQ(moved.box[3], object.box[3] + 3);
  }
}

TEST(ShapesTest, AQuarterTurnSwapsTheSidesOfTheBox) {
  const int center = 32 * kSubpixels;
  const SceneObject flat = At(kVehicle, 0, center, center);
  const SceneObject upright = At(kVehicle, kDirections / 4, center, center);
  EXPECT_EQ(flat.box[2] - flat.box[0], 24);
  EXPECT_EQ(flat.area, upright.area);
  EXPECT_EQ(flat.box[2] - flat.box[0], upright.box[3] - upright.box[1]);
  EXPECT_EQ(flat.box[3] - flat.box[1], upright.box[2] - upright.box[0]);
}

TEST(ShapesTest, WaterLiesAroundWhatFloats) {
  EXPECT_TRUE(WaterAt(kShip, 0, 600));
  EXPECT_TRUE(WaterAt(kHarbor, 0, 0));
  EXPECT_FALSE(WaterAt(kShip, 0, 1200));
  EXPECT_FALSE(WaterAt(kVehicle, 0, 0));
}

}  // namespace
}  // namespace transect
