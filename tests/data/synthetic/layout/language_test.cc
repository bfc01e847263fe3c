#include "data/synthetic/layout/language.h"

#include <set>
#include <string>

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

SceneObject Object(int category, ColorName color, int center_x, int center_y,
                   int half = 5) {
  SceneObject object;
  object.category = category;
  object.color = color;
  object.box = {center_x - half, center_y - half, center_x + half,
                center_y + half};
  object.area = int64_t{4} * half * half;
  return object;
}

// All sentences that can be drawn for the first object of a 100-pixel scene.
std::set<std::string> Sentences(std::vector<SceneObject> objects,
                                const SentenceMix& mix = {}) {
  Scene scene;
  scene.size = 100;
  scene.objects = std::move(objects);
  std::set<std::string> sentences;
  for (uint64_t draw = 0; draw < 500; ++draw) {
    Philox random(draw, "language_test");
    const std::string sentence = DescribeTarget(scene, mix, &random);
    if (!sentence.empty()) {
      sentences.insert(sentence);
    }
  }
  return sentences;
}

TEST(LanguageTest, AUniqueObjectIsNamedByAnythingThatIsTrue) {
  EXPECT_THAT(
      Sentences({Object(kVehicle, ColorName::kRed, 20, 80)}),
      UnorderedElementsAre(
          "A vehicle", "The vehicle", "A red vehicle", "The red vehicle",
          "A vehicle on the left", "The vehicle on the left",
          "A vehicle at the bottom", "The vehicle at the bottom",
          "A vehicle on the lower left", "The vehicle on the lower left",
          "A red vehicle on the left", "The red vehicle on the left",
          "A red vehicle at the bottom", "The red vehicle at the bottom",
          "A red vehicle on the lower left",
          "The red vehicle on the lower left"));
}

TEST(LanguageTest, NoAnAndNoColorWhereNoneIsNamed) {
  EXPECT_THAT(
      Sentences({Object(kOverpass, ColorName::kNone, 50, 50)}),
      UnorderedElementsAre("The overpass", "The overpass in the middle"));
  // Between left and middle no position is plain.
  EXPECT_THAT(Sentences({Object(kDam, ColorName::kNone, 44, 34)}),
              ::testing::Not(::testing::Contains("A dam on the left")));
}

TEST(LanguageTest, OfTwoAlikeOnlyTheirPlacesTell) {
  EXPECT_THAT(Sentences({Object(kDam, ColorName::kNone, 20, 50),
                         Object(kDam, ColorName::kNone, 80, 50)}),
              UnorderedElementsAre("A dam on the left", "The dam on the left"));
  // Both are on the left.
  EXPECT_THAT(Sentences({Object(kDam, ColorName::kNone, 20, 50),
                         Object(kDam, ColorName::kNone, 30, 60)}),
              IsEmpty());
  // The other one is neither plainly left nor plainly not.
  EXPECT_THAT(Sentences({Object(kDam, ColorName::kNone, 20, 50),
                         Object(kDam, ColorName::kNone, 47, 50)}),
              IsEmpty());
}

TEST(LanguageTest, ColorsThatTwoPeopleMightNameAlikeDoNotTell) {
  const auto both_in_one_place = [](ColorName a, ColorName b) {
    return Sentences({Object(kShip, a, 20, 50), Object(kShip, b, 25, 60)});
  };
  EXPECT_THAT(both_in_one_place(ColorName::kRed, ColorName::kWhite),
              UnorderedElementsAre("A red ship", "The red ship",
                                   "A red ship on the left",
                                   "The red ship on the left"));
  EXPECT_THAT(both_in_one_place(ColorName::kRed, ColorName::kOrange),
              IsEmpty());
  EXPECT_THAT(both_in_one_place(ColorName::kWhite, ColorName::kGray),
              IsEmpty());
}

TEST(LanguageTest, SizeTellsOnlyIfItIsPlain) {
  const auto sizes = [](int first, int second) {
    return Sentences({Object(kDam, ColorName::kNone, 50, 35, first),
                      Object(kDam, ColorName::kNone, 50, 40, second)});
  };
  EXPECT_THAT(sizes(5, 8),
              UnorderedElementsAre("A small dam", "The small dam"));
  EXPECT_THAT(sizes(8, 5),
              UnorderedElementsAre("A large dam", "The large dam"));
  EXPECT_THAT(sizes(5, 6), IsEmpty());
}

TEST(LanguageTest, TheMixDecidesWhichKindsAreDrawn) {
  SentenceMix mix;
  mix.set_bare(0);
  mix.set_color(0);
  mix.set_position(1);
  mix.set_color_position(0);
  EXPECT_THAT(
      Sentences({Object(kVehicle, ColorName::kRed, 20, 80)}, mix),
      UnorderedElementsAre(
          "A vehicle on the left", "The vehicle on the left",
          "A vehicle at the bottom", "The vehicle at the bottom",
          "A vehicle on the lower left", "The vehicle on the lower left"));
}

TEST(LanguageTest, RelationsNameAnObjectOfAUniqueCategory) {
  const SceneObject first = Object(kDam, ColorName::kNone, 42, 42);
  const SceneObject second = Object(kDam, ColorName::kNone, 90, 44);
  const SceneObject bridge = Object(kBridge, ColorName::kGray, 65, 42);
  EXPECT_THAT(Sentences({first, second, bridge}),
              ::testing::IsSupersetOf({"A dam to the left of the bridge",
                                       "The dam to the left of the bridge"}));
  const SceneObject other_bridge = Object(kBridge, ColorName::kRed, 70, 90);
  for (const std::string& sentence :
       Sentences({first, second, bridge, other_bridge})) {
    EXPECT_THAT(sentence, ::testing::Not(::testing::HasSubstr("bridge")));
  }
}

}  // namespace
}  // namespace transect
