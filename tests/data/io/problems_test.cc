#include "data/io/problems.h"

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(ProblemsTest, KeepsAllFindingsInOrder) {
  Problems problems;
  EXPECT_TRUE(problems.empty());
  problems.Add("b.c", "is 7, must be 1 to 3");
  problems.Add("a", "is not set");
  ASSERT_EQ(problems.all().size(), 2u);
  EXPECT_FALSE(problems.empty());
  EXPECT_EQ(problems.all()[0].field, "b.c");
  EXPECT_EQ(problems.all()[0].message, "is 7, must be 1 to 3");
  EXPECT_EQ(problems.all()[1].field, "a");
}

}  // namespace
}  // namespace transect
