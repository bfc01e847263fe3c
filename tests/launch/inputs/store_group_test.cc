#include "launch/inputs/store_group.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(ShareWithGroup, WhatIsMadeInItBelongsToTheGroup) {
  const std::string root = NewDir();
  const struct group* const mine = getgrgid(getegid());
  if (mine == nullptr) GTEST_SKIP() << "the group of this user has no name";
  ASSERT_THAT(ShareWithGroup(root, mine->gr_name), IsOk());
  struct stat info = {};
  ASSERT_EQ(stat(root.c_str(), &info), 0);
  EXPECT_EQ(info.st_gid, mine->gr_gid);
  EXPECT_EQ(info.st_mode & (S_ISGID | S_IRWXG), S_ISGID | S_IRWXG);
  Put(root + "/a/b/file", "");
  ASSERT_EQ(stat((root + "/a/b").c_str(), &info), 0);
  EXPECT_TRUE(info.st_mode & S_ISGID);
  ASSERT_THAT(ShareWithGroup(root, mine->gr_name), IsOk());
}

TEST(ShareWithGroup, AGroupMustExist) {
  EXPECT_THAT(ShareWithGroup("/nowhere", ""), IsOk());
  const absl::Status none = ShareWithGroup(NewDir(), "no-such-group");
  EXPECT_TRUE(absl::IsInvalidArgument(none));
  EXPECT_THAT(std::string(none.message()),
              testing::HasSubstr("'no-such-group', and there is none"));
}

}  // namespace
}  // namespace transect
