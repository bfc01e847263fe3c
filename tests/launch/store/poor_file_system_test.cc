// Files, leases and bundles on file systems that lack something. The test runs
// itself again under a preload (tests/testing/poor_file_system.cc).
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void Lack(const std::string& what) {
  setenv("TRANSECT_TEST_LACKS", what.c_str(), /*overwrite=*/1);
}

TEST(PoorFileSystemTest, ThePreloadIsThere) {
  Lack("link");
  EXPECT_NE(link("/proc/self/exe", (NewDir() + "/x").c_str()), 0);
  EXPECT_EQ(errno, EPERM);
}

TEST(PoorFileSystemTest, WithoutLinksThereAreCopies) {
  Lack("link chmod");
  const std::string dir = NewDir();
  ASSERT_THAT(WriteFile(dir + "/a", "abc"), IsOk());
  ASSERT_THAT(LinkOrCopy(dir + "/a", dir + "/b", 0500), IsOk());
  EXPECT_THAT(ReadFile(dir + "/b"), IsOkAndHolds("abc"));
  struct stat info;
  ASSERT_EQ(stat((dir + "/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 1u);
  EXPECT_EQ(info.st_mode & 0777, 0500u);
}

TEST(PoorFileSystemTest, AResultIsNeverReplaced) {
  for (const char* lacks : {"noreplace", "noreplace link"}) {
    Lack(lacks);
    const std::string dir = NewDir();
    ASSERT_THAT(WriteFile(dir + "/a", "first"), IsOk());
    ASSERT_THAT(WriteFile(dir + "/b", "second"), IsOk());
    EXPECT_THAT(RenameNew(dir + "/a", dir + "/result"), IsOk()) << lacks;
    EXPECT_THAT(RenameNew(dir + "/b", dir + "/result"),
                StatusIs(absl::StatusCode::kAlreadyExists))
        << lacks;
    EXPECT_THAT(ReadFile(dir + "/result"), IsOkAndHolds("first"));
    EXPECT_THAT(ListDirectory(dir), IsOkAndHolds(ElementsAre("b", "result")));
  }
}

TEST(PoorFileSystemTest, WithoutSyncEverythingIsStillWritten) {
  Lack("fsyncdir syncfs noreplace link");
  const std::string dir = NewDir();
  EXPECT_THAT(MakeDirs(dir + "/a/b"), IsOk());
  EXPECT_THAT(WriteFileAtomic(dir + "/a/file", "abc"), IsOk());
  EXPECT_THAT(MakeNewDirectory(dir + "/new",
                               [](const std::string& making) {
                                 return WriteFile(making + "/file", "abc");
                               }),
              IsOk());
  EXPECT_THAT(ReadFile(dir + "/new/file"), IsOkAndHolds("abc"));
}

TEST(PoorFileSystemTest, WithoutLocksALeaseHasOneHolder) {
  for (const char* lacks : {"nolock", "freelock"}) {
    Lack(lacks);
    const std::string job = NewDir();
    {
      ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Lease> lease,
                           Lease::TryTake(job));
      EXPECT_TRUE(IsLeaseHeld(job)) << lacks;
      EXPECT_THAT(Lease::TryTake(job),
                  StatusIs(absl::StatusCode::kUnavailable,
                           HasSubstr(absl::StrCat("process ", getpid()))))
          << lacks;
      EXPECT_THAT(Lease::Take(job, std::chrono::minutes(0)),
                  StatusIs(absl::StatusCode::kDeadlineExceeded,
                           HasSubstr("look what that process does")));
    }
    EXPECT_FALSE(IsLeaseHeld(job)) << lacks;
    EXPECT_THAT(Lease::TryTake(job), IsOk()) << lacks;
  }
}

TEST(PoorFileSystemTest, ItIsSeenWhetherLocksKeepOthersOut) {
  const std::string dir = NewDir();
  for (const char* lacks : {"nolock", "freelock"}) {
    Lack(lacks);
    EXPECT_FALSE(HasLocks(dir)) << lacks;
  }
  Lack("");
  EXPECT_TRUE(HasLocks(dir));
  EXPECT_THAT(ListDirectory(dir), IsOkAndHolds(ElementsAre()));
}

TEST(PoorFileSystemTest, WithoutLocksAKilledHolderHoldsNothing) {
  Lack("nolock");
  const std::string job = NewDir();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lease = Lease::TryTake(job);
    const char byte = lease.ok() ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) pause();
    _exit(1);
  }
  char taken = 0;
  ASSERT_EQ(read(ready[0], &taken, 1), 1);
  EXPECT_EQ(taken, 'y');
  EXPECT_TRUE(IsLeaseHeld(job));
  // One that is stopped goes on when it is continued.
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  EXPECT_THAT(Lease::TryTake(job), StatusIs(absl::StatusCode::kUnavailable,
                                            HasSubstr(absl::StrCat(child))));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(IsLeaseHeld(job));
  EXPECT_THAT(Lease::TryTake(job), IsOk());
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  constexpr char kPreload[] = "tests/testing/libpoor_file_system.so";
  if (getenv("LD_PRELOAD") == nullptr) {
    setenv("LD_PRELOAD", std::filesystem::absolute(kPreload).c_str(), 1);
    execv("/proc/self/exe", argv);
    return 126;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
