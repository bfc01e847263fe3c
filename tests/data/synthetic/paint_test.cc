#include "data/synthetic/paint.h"

#include <cstdint>
#include <cstdlib>

#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/plan.h"
#include "data/synthetic/scene.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

Scene PlannedScene(SynthesisSpec::Style style, int64_t number) {
  SynthesisSpec spec;
  spec.set_style(style);
  spec.set_image_size(96);
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

TEST(PaintTest, EveryObjectShowsAgainstItsBackground) {
  for (const auto style : {SynthesisSpec::AERIAL, SynthesisSpec::NATURAL}) {
    for (int64_t number = 0; number < 30; ++number) {
      const Scene scene = PlannedScene(style, number);
      Scene empty = scene;
      empty.objects.clear();
      Philox random(number, "paint_test");
      Philox same(number, "paint_test");
      const Image with = PaintScene(scene, style, &random);
      const Image without = PaintScene(empty, style, &same);
      for (const SceneObject& object : scene.objects) {
        EXPECT_GT(Difference(object, with, without), 20)
            << number << ": category " << object.category << ", colour "
            << static_cast<int>(object.color);
      }
    }
  }
}

TEST(PaintTest, ImagesHaveTheirSizeAndDependOnTheStream) {
  const Scene scene = PlannedScene(SynthesisSpec::AERIAL, 0);
  Philox first(1, "paint_test");
  Philox again(1, "paint_test");
  Philox other(2, "paint_test");
  const Image image = PaintScene(scene, SynthesisSpec::AERIAL, &first);
  EXPECT_EQ(image.height, 96);
  EXPECT_EQ(image.bgr.size(), 96u * 96 * 3);
  EXPECT_EQ(PaintScene(scene, SynthesisSpec::AERIAL, &again).bgr, image.bgr);
  EXPECT_NE(PaintScene(scene, SynthesisSpec::AERIAL, &other).bgr, image.bgr);
}

}  // namespace
}  // namespace transect
