#include "launch/store/lease.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(LeaseTest, OneHolderAtATime) {
  const std::string job = NewDir();
  EXPECT_FALSE(IsLeaseHeld(job));
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Lease> lease,
                         Lease::TryTake(job));
    EXPECT_TRUE(IsLeaseHeld(job));
    EXPECT_THAT(Lease::TryTake(job),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr(absl::StrCat("process ", getpid()))));
  }
  EXPECT_FALSE(IsLeaseHeld(job));
  EXPECT_THAT(Lease::TryTake(job), IsOk());
}

TEST(LeaseTest, LookingDoesNotTake) {
  const std::string job = NewDir();
  ASSERT_THAT(Lease::TryTake(job), IsOk());
  EXPECT_FALSE(IsLeaseHeld(job));
  EXPECT_FALSE(IsLeaseHeld(job));
  EXPECT_THAT(Lease::TryTake(job), IsOk());
}

TEST(LeaseTest, AChildThatInheritedItHoldsItUntilItDies) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Lease> lease, Lease::TryTake(job));
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  lease.reset();
  EXPECT_TRUE(IsLeaseHeld(job));
  EXPECT_THAT(Lease::TryTake(job), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(IsLeaseHeld(job));
  EXPECT_THAT(Lease::TryTake(job), IsOk());
}

TEST(LeaseTest, AMissingDirectoryIsAnErrorThatNamesIt) {
  EXPECT_THAT(
      Lease::TryTake("/nowhere/job"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/job/LEASE")));
}

}  // namespace
}  // namespace transect
