#include "data/synthetic/scene/category.h"

#include <set>
#include <string>

#include "data/annotations/rrsisd.h"
#include "data/synthetic/scene/scene.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(CategoryTest, IdsAreThoseOfRrsisd) {
  EXPECT_STREQ(kRrsisdCategories[kTollStation].name, "Expressway-toll-station");
  EXPECT_STREQ(kRrsisdCategories[kGroundTrackField].name, "groundtrackfield");
  EXPECT_STREQ(kRrsisdCategories[kWindmill].name, "windmill");
  EXPECT_EQ(kWindmill, 19);
}

TEST(CategoryTest, SizesLeaveRoomForShapesAtEveryImageSize) {
  for (int category = 0; category < 20; ++category) {
    for (const int size : {64, 255, 256, 800}) {
      const SizeRange range = LengthOf(category, size);
      EXPECT_LE(range.least, range.most);
      EXPECT_LE(range.most, 500);
      // Pixels below which a shape is a blob.
      EXPECT_GE(range.least * size / 1000, 10) << category << " " << size;
    }
  }
}

TEST(CategoryTest, ColorsHaveWordsOfTheirOwn) {
  std::set<std::string> words;
  for (int color = 0; color < kColorNames; ++color) {
    words.insert(ColorWord(static_cast<ColorName>(color)));
  }
  EXPECT_EQ(words.size(), static_cast<size_t>(kColorNames));
  EXPECT_TRUE(words.contains("gray"));
  EXPECT_STREQ(ColorWord(ColorName::kNone), "");
}

TEST(CategoryTest, FlatThingsThrowNoShadow) {
  EXPECT_FALSE(ThrowsShadow(kTennisCourt));
  EXPECT_TRUE(ThrowsShadow(kStorageTank));
}

}  // namespace
}  // namespace transect
