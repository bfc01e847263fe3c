#include "launch/store/claim.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/claim.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// A job directory whose file system has no locks.
std::string NewJob() {
  std::string job = NewDir();
  EXPECT_THAT(WriteFile(LeasePath(job), ""), IsOk());
  return job;
}

std::string ClaimFile(const std::string& job, int number) {
  return absl::StrCat(LeasePath(job), ".", number);
}

LeaseClaim ReadFirst(const std::string& job) {
  absl::StatusOr<LeaseClaim> claim =
      ReadTextproto<LeaseClaim>(ClaimFile(job, 1));
  EXPECT_THAT(claim, IsOk());
  return claim.ok() ? *claim : LeaseClaim();
}

// Writes a claim whose last heartbeat was `age` seconds ago.
void WriteClaim(const std::string& job, int number, const LeaseClaim& claim,
                int age) {
  ASSERT_THAT(WriteFile(ClaimFile(job, number), PrintTextproto(claim)), IsOk());
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = time(nullptr) - age;
  ASSERT_EQ(utimensat(AT_FDCWD, ClaimFile(job, number).c_str(), times, 0), 0);
}

TEST(ClaimTest, OneHolderAtATimeWithoutAnyLock) {
  const std::string job = NewJob();
  EXPECT_FALSE(IsClaimed(job));
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Claim> claim,
                         Claim::TryTake(job, Locks::kNone));
    EXPECT_TRUE(IsClaimed(job));
    EXPECT_FALSE(claim->lost());
    EXPECT_THAT(ClaimHolder(job), HasSubstr(absl::StrCat(getpid())));
    EXPECT_THAT(Claim::TryTake(job, Locks::kNone),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr(absl::StrCat("process ", getpid()))));
  }
  EXPECT_FALSE(IsClaimed(job));
  EXPECT_EQ(ClaimHolder(job), "");
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone), IsOk());
}

TEST(ClaimTest, OfManyThatTryAtOnceNeverTwoHoldIt) {
  const std::string job = NewJob();
  std::atomic<int> holders = 0;
  std::atomic<int> most = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        const auto claim = Claim::TryTake(job, Locks::kNone);
        if (!claim.ok()) continue;
        const int now = ++holders;
        most = std::max(most.load(), now);
        ++taken;
        std::this_thread::yield();
        --holders;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_GT(taken, 0);
}

TEST(ClaimTest, PromisesTheHeartbeatThatIsSet) {
  const std::string before = NewJob();
  const std::string after = NewJob();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Claim> first,
                       Claim::TryTake(before, Locks::kNone));
  SetLeaseSeconds(kMaxLeaseSeconds);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Claim> second,
                       Claim::TryTake(after, Locks::kNone));
  SetLeaseSeconds(kLeaseSeconds);
  EXPECT_EQ(ReadFirst(before).expires_seconds(), kLeaseSeconds);
  EXPECT_EQ(ReadFirst(after).expires_seconds(), kMaxLeaseSeconds);
}

TEST(ClaimTest, AClaimOfAnotherMachineHoldsAsLongAsItsHeartbeat) {
  const std::string job = NewJob();
  LeaseClaim other;
  other.set_host("node7");
  other.set_boot("another kernel");
  other.set_process(4711);
  other.set_start_ticks(1);
  other.set_expires_seconds(30);
  // Also where this process holds the lock: it may be one of this machine only.
  for (const Locks locks : {Locks::kNone, Locks::kHeld}) {
    WriteClaim(job, 1, other, /*age=*/20);
    EXPECT_TRUE(IsClaimed(job));
    EXPECT_THAT(Claim::TryTake(job, locks),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr("node7, process 4711")));
  }
  WriteClaim(job, 1, other, /*age=*/40);
  EXPECT_FALSE(IsClaimed(job));
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone), IsOk());
}

TEST(ClaimTest, AProcessThatIsGoneHoldsNothing) {
  const std::string job = NewJob();
  ASSERT_THAT(Claim::TryTake(job, Locks::kNone), IsOk());
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Claim> claim,
                       Claim::TryTake(job, Locks::kNone));
  LeaseClaim dead = *ReadTextproto<LeaseClaim>(ClaimFile(job, 2));
  claim.reset();
  // Another process has its number now.
  dead.set_start_ticks(dead.start_ticks() - 1);
  WriteClaim(job, 2, dead, /*age=*/0);
  EXPECT_FALSE(IsClaimed(job));
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone), IsOk());
}

TEST(ClaimTest, InAnotherNamespaceOfThisMachineTheLockDecidesIfThereIsOne) {
  const std::string job = NewJob();
  LeaseClaim other;
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Claim> claim,
                         Claim::TryTake(job, Locks::kNone));
    other = ReadFirst(job);
  }
  other.set_pid_namespace("pid:[1]");
  WriteClaim(job, 1, other, /*age=*/0);
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Claim::TryTake(job, Locks::kHeld), IsOk());
}

TEST(ClaimTest, WhoWasTakenOverNoticesAndLeavesTheNewClaimAlone) {
  const std::string job = NewJob();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Claim> claim,
                       Claim::TryTake(job, Locks::kNone));
  WriteClaim(job, 2, ReadFirst(job), /*age=*/0);
  claim->Touch();
  EXPECT_TRUE(claim->lost());
  claim.reset();
  EXPECT_TRUE(IsClaimed(job));
}

TEST(ClaimTest, WhoGaveUpDoesNotHoldByAClaimThatStays) {
  const std::string job = NewJob();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Claim> claim,
                       Claim::TryTake(job, Locks::kNone));
  // Somebody made the next one and gave up, too.
  ASSERT_THAT(WriteFile(ClaimFile(job, 2), ""), IsOk());
  claim.reset();
  EXPECT_FALSE(IsClaimed(job));
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone), IsOk());
}

TEST(ClaimTest, AHeartbeatShowsLife) {
  const std::string job = NewJob();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Claim> claim,
                       Claim::TryTake(job, Locks::kNone));
  timespec old[2] = {};
  ASSERT_EQ(utimensat(AT_FDCWD, ClaimFile(job, 1).c_str(), old, 0), 0);
  claim->Touch();
  struct stat info;
  ASSERT_EQ(stat(ClaimFile(job, 1).c_str(), &info), 0);
  EXPECT_GT(info.st_mtim.tv_sec, 0);
}

TEST(ClaimTest, AClaimThatCannotBeReadHoldsWhileItIsFresh) {
  const std::string job = NewJob();
  ASSERT_THAT(WriteFile(ClaimFile(job, 1), "host: \"nod"), IsOk());
  EXPECT_THAT(Claim::TryTake(job, Locks::kNone),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace transect
