#include "data/annotations/rrsisd.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(RrsisdTest, FileNamesHaveFiveDigits) {
  EXPECT_EQ(RrsisdFileName(1, ".jpg"), "00001.jpg");
  EXPECT_EQ(RrsisdFileName(23463, ".xml"), "23463.xml");
}

TEST(RrsisdTest, CategoriesAreDistinctAndAlphabeticalLikeThePublishedList) {
  std::set<std::string> names, phrases;
  for (const RrsisdCategory& category : kRrsisdCategories) {
    EXPECT_TRUE(names.empty() || *names.rbegin() < category.name);
    names.insert(category.name);
    phrases.insert(category.phrase);
  }
  EXPECT_EQ(names.size(), 20u);
  EXPECT_EQ(phrases.size(), 20u);
  EXPECT_STREQ(kRrsisdCategories[18].name, "vehicle");
}

}  // namespace
}  // namespace transect
