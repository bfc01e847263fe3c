#include "data/synthetic/plan.h"

#include <cstdint>
#include <set>

#include "data/data.pb.h"
#include "data/synthetic/scene.h"
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

TEST(PlanTest, KnowsTheSplits) {
  EXPECT_EQ(ImagesOf(Spec(), "train"), 3);
  EXPECT_EQ(ImagesOf(Spec(), "val"), 2);
  EXPECT_EQ(ImagesOf(Spec(), "test"), 0);
  EXPECT_EQ(ImagesOf(Spec(), "other"), 0);
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

}  // namespace
}  // namespace transect
