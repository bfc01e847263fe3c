#include "launch/store/program/tree.h"

#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TreeTest, FilesBelowAreRelativeSortedAndFollowNoLink) {
  const std::string root = NewDir();
  Put(root + "/b/two", "x");
  Put(root + "/b/c/one", "x");
  Put(root + "/a", "x");
  ASSERT_EQ(symlink("/", (root + "/b/link").c_str()), 0);
  EXPECT_THAT(FilesBelow(root, root),
              ElementsAre("a", "b/c/one", "b/link", "b/two"));
  EXPECT_THAT(FilesBelow(root + "/b/c", root), ElementsAre("b/c/one"));
  EXPECT_THAT(FilesBelow(root + "/none", root), IsEmpty());
}

TEST(TreeTest, AFileWithSeveralNamesCountsWhereItIsSaid) {
  const std::string root = NewDir();
  Put(root + "/in/file", std::string(100000, 'x'));
  EXPECT_GE(BytesBelow(root + "/in", false), 100000);
  EXPECT_GE(BytesBelow(root + "/in/file", false), 100000);
  ASSERT_EQ(link((root + "/in/file").c_str(), (root + "/other").c_str()), 0);
  EXPECT_LT(BytesBelow(root + "/in", false), 100000);
  EXPECT_GE(BytesBelow(root + "/in", true), 100000);
  EXPECT_EQ(BytesBelow(root + "/none", true), 0);
}

}  // namespace
}  // namespace transect
