#include "data/synthetic/layout/plan.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

SynthesisSpec Spec() {
  SynthesisSpec spec;
  spec.set_image_size(64);
  spec.set_train_images(3);
  spec.set_val_images(2);
  return spec;
}

TEST(PlanTest, StreamsDifferByEveryPartOfTheirKey) {
  SynthesisSpec other_seed = Spec();
  other_seed.set_seed(2);
  SynthesisSpec other_style = Spec();
  other_style.set_style(SynthesisSpec::NATURAL);
  const std::set<uint64_t> values = {
      SceneRandom(Spec(), "a", "train", 0).NextU64(),
      SceneRandom(Spec(), "b", "train", 0).NextU64(),
      SceneRandom(Spec(), "a", "val", 0).NextU64(),
      SceneRandom(Spec(), "a", "train", 1).NextU64(),
      SceneRandom(Spec(), "a", "train", 0, 1).NextU64(),
      SceneRandom(other_seed, "a", "train", 0).NextU64(),
      SceneRandom(other_style, "a", "train", 0).NextU64()};
  EXPECT_EQ(values.size(), 7u);
}

TEST(PlanTest, TheTargetIsAtNoFixedPlaceOfTheList) {
  std::set<int> targets;
  for (int64_t number = 0; number < 60; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(Spec(), "train", number));
    ASSERT_LT(scene.target, static_cast<int>(scene.objects.size()));
    targets.insert(scene.target);
  }
  EXPECT_EQ(targets.size(), 4u);
}

// The objects of number 67 have no room at the distance that it draws first.
TEST(PlanTest, WhatHasNoRoomAtAScaleIsPlannedAtACoarserOne) {
  SynthesisSpec spec;
  spec.set_image_size(256);
  spec.set_seed(3);
  ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "train", 67));
  EXPECT_FALSE(scene.sentence.empty());
  // Where no other is allowed, it is an error that says what would help.
  spec.mutable_aerial()->set_min_ground_scale(0.5);
  spec.mutable_aerial()->set_max_ground_scale(0.5);
  spec.set_min_objects(16);
  spec.set_max_objects(16);
  EXPECT_THAT(PlanScene(spec, "train", 0),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       testing::HasSubstr("coarser ground sample distance")));
}

TEST(PlanTest, DistractorsOccurAlwaysOrNeverIfAsked) {
  for (const int wanted : {0, 1}) {
    SynthesisSpec spec = Spec();
    spec.set_min_objects(1);
    spec.set_distractor_fraction(wanted);
    for (int64_t number = 0; number < 60; ++number) {
      ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "val", number));
      int same = 0;
      for (const SceneObject& object : scene.objects) {
        same += object.category == scene.objects[scene.target].category;
      }
      EXPECT_EQ(same > 1, wanted == 1);
    }
  }
}

TEST(PlanTest, DistractorsAreAtMostAsManyAsAsked) {
  SynthesisSpec spec = Spec();
  spec.set_min_objects(6);
  spec.set_max_objects(6);
  spec.set_distractor_fraction(1);
  std::set<int> seen;
  spec.set_max_distractors(4);
  for (int64_t number = 0; number < 150; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "val", number));
    int same = -1;
    for (const SceneObject& object : scene.objects) {
      same += object.category == scene.objects[scene.target].category;
    }
    seen.insert(same);
  }
  EXPECT_TRUE(seen.contains(1));
  EXPECT_TRUE(seen.contains(3));
  EXPECT_LE(*seen.rbegin(), 4);
}

// ---- Scenes that are to scale.

SynthesisSpec LargeSpec() {
  SynthesisSpec spec;
  spec.set_image_size(400);
  return spec;
}

// Pixels of the object's mask, as places in the frame.
std::vector<FramePoint> PlacesOf(const Scene& scene,
                                 const SceneObject& object) {
  std::vector<FramePoint> places;
  const int width = object.box[2] - object.box[0];
  for (size_t i = 0; i < object.mask.size(); ++i) {
    if (object.mask[i] != 0) {
      const int x = object.box[0] + static_cast<int>(i) % width;
      const int y = object.box[1] + static_cast<int>(i) / width;
      places.push_back(scene.land.ToFrame(x * kSubpixels + kSubpixels / 2,
                                          y * kSubpixels + kSubpixels / 2));
    }
  }
  return places;
}

TEST(PlanTest, ThingsLieWhereSuchThingsAreFound) {
  std::set<int> categories;
  for (int64_t number = 0; number < 150; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene,
                         PlanScene(LargeSpec(), "train", number));
    ASSERT_GT(scene.land.gsd_cm, 0);
    for (const SceneObject& object : scene.objects) {
      categories.insert(object.category);
      int wet = 0, dry = 0, road = 0;
      for (const FramePoint place : PlacesOf(scene, object)) {
        wet += scene.land.WaterDepth(place) > 0;
        dry += scene.land.WaterDepth(place) <= 0;
        road += scene.land.RoadDistance(place) <= 0;
      }
      const std::string what =
          absl::StrCat("number ", number, ", category ", object.category);
      switch (object.category) {
        case kShip:
          EXPECT_EQ(dry, 0) << what;
          break;
        case kHarbor:
        case kBridge:
        case kDam:
          EXPECT_GT(wet, 0) << what;
          EXPECT_GT(dry, 0) << what;
          break;
        case kVehicle:
        case kTollStation:
        case kOverpass:
        case kTrainStation:
        case kAirplane:
          EXPECT_EQ(wet, 0) << what;
          EXPECT_GT(road, 0) << what;
          break;
        case kServiceArea:
          EXPECT_EQ(wet, 0) << what;
          break;
        default:
          EXPECT_EQ(wet, 0) << what;
          EXPECT_EQ(road, 0) << what;
      }
    }
  }
  EXPECT_EQ(categories.size(), 20u);
}

TEST(PlanTest, VehiclesAreAsLongAsVehicles) {
  int vehicles = 0;
  for (int64_t number = 0; number < 200; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene,
                         PlanScene(LargeSpec(), "train", number));
    for (const SceneObject& object : scene.objects) {
      if (object.category == kVehicle) {
        ++vehicles;
        const double meters =
            2.0 * object.half_length / kSubpixels * scene.land.gsd_cm / 100;
        EXPECT_GE(meters, 4);
        EXPECT_LE(meters, 20);
      }
    }
  }
  EXPECT_GT(vehicles, 5);
}

TEST(PlanTest, TheGroundScaleStaysInTheRecipesRange) {
  SynthesisSpec spec = LargeSpec();
  spec.mutable_aerial()->set_min_ground_scale(3);
  spec.mutable_aerial()->set_max_ground_scale(6);
  for (int64_t number = 0; number < 40; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "train", number));
    EXPECT_GE(scene.land.gsd_cm, 300);
    EXPECT_LE(scene.land.gsd_cm, 600);
  }
}

TEST(PlanTest, CrowdedScenesThatAreToScaleCanBePlaced) {
  SynthesisSpec spec = LargeSpec();
  spec.set_min_objects(12);
  spec.set_max_objects(12);
  spec.set_max_distractors(5);
  spec.set_distractor_fraction(1);
  for (int64_t number = 0; number < 25; ++number) {
    ASSERT_OK_AND_ASSIGN(const Scene scene, PlanScene(spec, "train", number));
    EXPECT_EQ(scene.objects.size(), 12u);
  }
}

}  // namespace
}  // namespace transect
