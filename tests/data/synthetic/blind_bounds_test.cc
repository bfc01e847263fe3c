#include "data/synthetic/blind_bounds.h"

#include <vector>

#include "data/synthetic/scene/scene.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

SceneObject Rect(int x1, int y1, int x2, int y2) {
  SceneObject object;
  object.box = {x1, y1, x2, y2};
  object.area = int64_t{x2 - x1} * (y2 - y1);
  object.mask.assign(static_cast<size_t>(object.area), 1);
  return object;
}

Scene Of(std::vector<SceneObject> objects) {
  Scene scene;
  scene.size = 10;
  scene.objects = std::move(objects);
  return scene;
}

TEST(BlindBoundsTest, AreTheMeanIouOfTwoConstantRules) {
  BlindBounds bounds;
  // Targets of 4, 4 and 8 pixels; the second is elsewhere.
  bounds.Add("train", Of({Rect(0, 0, 2, 2), Rect(5, 5, 8, 9)}));
  bounds.Add("train", Of({Rect(8, 8, 10, 10)}));
  bounds.Add("train", Of({Rect(0, 0, 4, 2)}));
  bounds.Add("val", Of({Rect(0, 0, 2, 2)}));
  const std::vector<BlindBound> found = bounds.Compute();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].images, 3);
  EXPECT_DOUBLE_EQ(found[0].all_objects, (0.25 + 1 + 1) / 3);
  // Pixels covered twice are the first rectangle: IoU 1, 0, 4/8. Pixels that
  // are covered at all, 12 of them: 4/12, 4/12, 8/12, which is less.
  EXPECT_DOUBLE_EQ(found[0].frequent_place, (1 + 0 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(found[1].frequent_place, 1);
  EXPECT_NE(bounds.Json().find("\"giou_most_frequent_place\": 1.0"),
            std::string::npos);
}

}  // namespace
}  // namespace transect
