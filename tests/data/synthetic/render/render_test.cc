#include "data/synthetic/render/render.h"

#include <cstdint>
#include <cstdlib>

#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/layout/plan.h"
#include "data/synthetic/scene/scene.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

SynthesisSpec Recipe(SynthesisSpec::Style style, int size) {
  SynthesisSpec spec;
  spec.set_style(style);
  spec.set_image_size(size);
  return spec;
}

Scene PlannedScene(const SynthesisSpec& spec, int64_t number) {
  absl::StatusOr<Scene> scene = PlanScene(spec, "train", number);
  EXPECT_THAT(scene, IsOk());
  return *scene;
}

// Mean absolute difference of the bytes inside of the object's mask.
double Difference(const SceneObject& object, const Image& a, const Image& b) {
  const int width = object.box[2] - object.box[0];
  double sum = 0;
  for (size_t i = 0; i < object.mask.size(); ++i) {
    if (object.mask[i] == 0) {
      continue;
    }
    const size_t pixel =
        (object.box[1] + i / width) * a.width + object.box[0] + i % width;
    for (size_t c = 0; c < 3; ++c) {
      sum += std::abs(a.bgr[3 * pixel + c] - b.bgr[3 * pixel + c]) / 3.0;
    }
  }
  return sum / static_cast<double>(object.area);
}

TEST(RenderTest, EveryObjectShowsAgainstItsBackground) {
  for (const SynthesisSpec& spec : {Recipe(SynthesisSpec::AERIAL, 96),
                                    Recipe(SynthesisSpec::NATURAL, 96)}) {
    for (int64_t number = 0; number < 30; ++number) {
      const Scene scene = PlannedScene(spec, number);
      Scene empty = scene;
      empty.objects.clear();
      Philox random(number, "render_test");
      Philox same(number, "render_test");
      const Image with = RenderScene(scene, spec, &random);
      const Image without = RenderScene(empty, spec, &same);
      for (const SceneObject& object : scene.objects) {
        EXPECT_GT(Difference(object, with, without), 20)
            << number << ": category " << object.category << ", color "
            << static_cast<int>(object.color);
      }
    }
  }
}

TEST(RenderTest, ObjectsShowInScenesThatAreToScale) {
  const SynthesisSpec spec = Recipe(SynthesisSpec::AERIAL, 400);
  for (int64_t number = 0; number < 30; ++number) {
    const Scene scene = PlannedScene(spec, number);
    Scene empty = scene;
    empty.objects.clear();
    Philox random(number, "render_test");
    Philox same(number, "render_test");
    const Image with = RenderScene(scene, spec, &random);
    const Image without = RenderScene(empty, spec, &same);
    for (const SceneObject& object : scene.objects) {
      EXPECT_GT(Difference(object, with, without), 10)
          << number << ": category " << object.category << ", color "
          << static_cast<int>(object.color);
    }
  }
}

TEST(RenderTest, ImagesHaveTheirSizeAndDependOnTheStream) {
  for (const int size : {96, 300}) {
    const SynthesisSpec spec = Recipe(SynthesisSpec::AERIAL, size);
    const Scene scene = PlannedScene(spec, 0);
    Philox first(1, "render_test");
    Philox again(1, "render_test");
    Philox other(2, "render_test");
    const Image image = RenderScene(scene, spec, &first);
    EXPECT_EQ(image.height, size);
    EXPECT_EQ(image.bgr.size(), static_cast<size_t>(size) * size * 3);
    EXPECT_EQ(RenderScene(scene, spec, &again).bgr, image.bgr);
    EXPECT_NE(RenderScene(scene, spec, &other).bgr, image.bgr);
  }
}

double Mean(const Image& image) {
  double sum = 0;
  for (const uint8_t byte : image.bgr) {
    sum += byte;
  }
  return sum / static_cast<double>(image.bgr.size());
}

// Mean absolute difference of horizontal neighbors.
double Roughness(const Image& image) {
  double sum = 0;
  for (size_t i = 3; i < image.bgr.size(); ++i) {
    sum += std::abs(image.bgr[i] - image.bgr[i - 3]);
  }
  return sum / static_cast<double>(image.bgr.size());
}

TEST(RenderTest, EveryKnobOfTheLookTurnsSomething) {
  for (const int size : {96, 400}) {
    const SynthesisSpec plain = Recipe(SynthesisSpec::AERIAL, size);
    const auto render = [&](const auto& turn) {
      SynthesisSpec spec = plain;
      turn(spec.mutable_aerial());
      Philox random(3, "render_test");
      return RenderScene(PlannedScene(plain, 1), spec, &random);
    };
    const Image usual = render([](AerialLook*) {});
    const Image noisy = render([](auto* look) { look->set_sensor_noise(20); });
    EXPECT_GT(Roughness(noisy), Roughness(usual) + 2) << size;
    const Image flat = render([](auto* look) { look->set_texture(0); });
    EXPECT_LT(Roughness(flat), Roughness(usual)) << size;
    const Image hazy = render([](auto* look) { look->set_haze(0.5); });
    EXPECT_GT(Mean(hazy), Mean(usual) + 10) << size;
    const Image dark = render([](auto* look) { look->set_shadow(0.9); });
    EXPECT_LT(Mean(dark), Mean(usual)) << size;
    const Image bare = render([](auto* look) { look->set_clutter(0); });
    const Image full = render([](auto* look) { look->set_clutter(1); });
    EXPECT_NE(bare.bgr, full.bgr) << size;
  }
}

}  // namespace
}  // namespace transect
