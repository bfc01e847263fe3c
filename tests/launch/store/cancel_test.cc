#include "launch/store/cancel.h"

#include <stdlib.h>

#include <string>

#include "absl/strings/match.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(CancelTest, SaysWhoAskedUntilItIsTakenBack) {
  setenv("USER", "ann", 1);
  // Made for a run of which nothing is there yet.
  const std::string dir = NewDir() + "/new/run";
  EXPECT_EQ(CancelText(dir), "");
  EXPECT_THAT(WithdrawCancel(dir), IsOk());
  ASSERT_THAT(RequestCancel(dir), IsOk());
  EXPECT_THAT(CancelText(dir), HasSubstr("cancelled by ann on "));
  ASSERT_THAT(WithdrawCancel(dir), IsOk());
  EXPECT_EQ(CancelText(dir), "");
}

TEST(CancelTest, TheFirstRequestStays) {
  const std::string dir = NewDir();
  setenv("USER", "ann", 1);
  ASSERT_THAT(RequestCancel(dir), IsOk());
  setenv("USER", "bob", 1);
  ASSERT_THAT(RequestCancel(dir), IsOk());
  EXPECT_TRUE(absl::StrContains(CancelText(dir), "ann"));
}

TEST(CancelTest, ARequestThatCannotBeReadIsOne) {
  const std::string dir = NewDir();
  Put(CancelPath(dir), "no { such field");
  EXPECT_EQ(CancelText(dir), "cancelled");
}

}  // namespace
}  // namespace transect
