#include "data/synthetic/rrsisd_writer.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/rrsisd.h"
#include "data/io/file.h"
#include "data/synthetic/scene/scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::nlohmann::json;

Scene TinyScene() {
  Scene scene;
  scene.size = 4;
  scene.objects.resize(2);
  scene.objects[0].category = 8;
  scene.objects[0].box = {0, 0, 1, 1};
  scene.objects[0].area = 1;
  scene.objects[0].mask = {1};
  scene.objects[1].category = 18;
  scene.objects[1].color = ColorName::kRed;
  scene.objects[1].box = {1, 2, 4, 4};
  scene.objects[1].area = 5;
  scene.objects[1].mask = {1, 1, 1, 0, 1, 1};
  scene.target = 1;
  scene.sentence = "The red vehicle";
  return scene;
}

TEST(RrsisdWriterTest, WritesTheRecordsOfTheLayoutFieldByField) {
  const std::string root = absl::StrCat(::testing::TempDir(), "/written");
  RrsisdWriter writer(root);
  ASSERT_THAT(writer.Start(), IsOk());
  ASSERT_THAT(writer.Add(7, "val", TinyScene(), "not really a JPEG"), IsOk());
  ASSERT_THAT(std::move(writer).Finish(), IsOk());
  EXPECT_THAT(ReadFile(absl::StrCat(root, "/", kRrsisdImages, "/00007.jpg")),
              IsOkAndHolds(std::string("not really a JPEG")));
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile(absl::StrCat(root, "/", kRrsisdInstances)));
  const json instances = json::parse(text);
  // Columns: 1 has rows 2; 2 has rows 2, 3; 3 has rows 2, 3.
  const json segmentation = {{"size", {4, 4}}, {"counts", "61320"}};
  EXPECT_EQ(instances["images"], json::parse(R"([{"file_name": "00007.jpg",
      "height": 4, "width": 4, "id": 7}])"));
  EXPECT_EQ(instances["annotations"][0]["bbox"], json({1, 2, 4, 4}));
  EXPECT_EQ(instances["annotations"][0]["categories_id"], 18);
  EXPECT_EQ(instances["annotations"][0]["area"], 5);
  EXPECT_EQ(instances["annotations"][0]["segmentation"].size(), 1u);
  EXPECT_EQ(instances["annotations"][0]["segmentation"][0]["size"],
            segmentation["size"]);
  EXPECT_EQ(instances["categories"].size(), 20u);
  EXPECT_EQ(instances["categories"][18],
            json::parse(R"({"name": "vehicle", "id": 18})"));
  ASSERT_OK_AND_ASSIGN(const std::string line,
                       ReadFile(absl::StrCat(root, "/", kRrsisdScenes)));
  const json scene = json::parse(line);
  EXPECT_EQ(scene["image_id"], 7);
  EXPECT_EQ(scene["target"], 1);
  EXPECT_EQ(scene["objects"][0]["color"], "");
  EXPECT_EQ(scene["objects"][1]["color"], "red");
  EXPECT_EQ(scene["objects"][1]["segmentation"],
            instances["annotations"][0]["segmentation"][0]);
}

TEST(RrsisdWriterTest, ADirectoryThatCannotBeMadeIsAnError) {
  EXPECT_FALSE(RrsisdWriter("/dev/null/here").Start().ok());
}

}  // namespace
}  // namespace transect
