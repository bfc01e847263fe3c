#include "data/synthetic/blind_bounds.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/synthetic/scene/scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

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

TEST(BlindBoundsTest, AreReadAsTheyWereWritten) {
  const std::string root = absl::StrCat(testing::TempDir(), "/bounds");
  ASSERT_THAT(MakeDirs(root), IsOk());
  const std::string path = absl::StrCat(root, "/", kBlindBoundsFile);
  EXPECT_THAT(ReadBlindBounds(root), StatusIs(absl::StatusCode::kNotFound));

  BlindBounds bounds;
  bounds.Add("train", Of({Rect(0, 0, 2, 2), Rect(5, 5, 8, 9)}));
  bounds.Add("val", Of({Rect(0, 0, 4, 2)}));
  ASSERT_THAT(WriteFile(path, bounds.Json()), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<BlindBound> read,
                       ReadBlindBounds(root));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].split, "val");
  EXPECT_EQ(read[1].images, 1);
  EXPECT_DOUBLE_EQ(read[0].all_objects, 0.25);
  EXPECT_DOUBLE_EQ(read[1].frequent_place, 0.5);

  for (const char* text :
       {"", "[]", "{}", R"({"splits": [{"split": "val"}]})",
        R"({"splits": [{"split": "val", "images": 1, "giou_all_objects": 2,
                        "giou_most_frequent_place": 0}]})",
        R"({"splits": [{"split": "val", "images": -1, "giou_all_objects": 0,
                        "giou_most_frequent_place": 0}]})"}) {
    ASSERT_THAT(WriteFile(path, text), IsOk());
    EXPECT_THAT(ReadBlindBounds(root),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         testing::HasSubstr("/blind_bounds.json is not what")))
        << text;
  }
}

}  // namespace
}  // namespace transect
