#include "launch/execute/attempt.h"

#include <signal.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/claim.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Heartbeats six times a second, from the first lease of this program on.
[[maybe_unused]] const bool kShortLeases = [] {
  SetLeaseSeconds(1);
  return true;
}();

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

absl::StatusOr<std::unique_ptr<Attempt>> StartAttempt(
    const std::string& job_dir, const std::string& worker, int ranks) {
  AttemptSpec spec;
  spec.worker = worker;
  spec.plan.set_id(kId);
  spec.plan.set_code("c");
  spec.plan.set_ranks(ranks);
  spec.job_dir = job_dir;
  spec.spec_text = "spec\n";
  spec.inputs.set_data("d");
  absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(job_dir);
  if (!lease.ok()) return lease.status();
  return Attempt::Start(std::move(spec), *std::move(lease));
}

// Polls until the attempt is over; false after ten seconds.
bool RunToEnd(Attempt* attempt) {
  return Eventually(
      [&] { return attempt->Poll(std::chrono::steady_clock::now()); });
}

RankEnd End(int rank, int exit_code, int signal_number = 0, bool told = false) {
  RankEnd end;
  end.rank = rank;
  end.exit_code = exit_code;
  end.signal = signal_number;
  end.told = told;
  return end;
}

TEST(RootCauseTest, IsTheFirstFailureThatIsNotOnlyALostPeer) {
  const std::vector<RankEnd> ends = {End(0, 0), End(1, ExitCode::PEER_LOST),
                                     End(2, ExitCode::DATA),
                                     End(3, ExitCode::MEMORY)};
  ASSERT_NE(RootCause(ends), nullptr);
  EXPECT_EQ(RootCause(ends)->rank, 2);
}

TEST(RootCauseTest, IsALostPeerWhereNobodyKnowsBetter) {
  const std::vector<RankEnd> ends = {End(1, ExitCode::PEER_LOST),
                                     End(0, 0, SIGTERM, /*told=*/true)};
  ASSERT_NE(RootCause(ends), nullptr);
  EXPECT_EQ(RootCause(ends)->rank, 1);
}

TEST(RootCauseTest, RanksThatWereStoppedExplainNothing) {
  const std::vector<RankEnd> ends = {End(0, 0, SIGTERM, /*told=*/true)};
  EXPECT_EQ(RootCause(ends), nullptr);
}

TEST(AttemptTest, SucceedsWithAResultAndFreesTheLease) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(job, ScriptWorker("result"), 1));
  EXPECT_TRUE(IsLeaseHeld(job));
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_TRUE(attempt->succeeded());
  EXPECT_FALSE(IsLeaseHeld(job));
}

TEST(AttemptTest, StopsWhenAnotherLauncherHasTheJob) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(job, ScriptWorker("sleep 60"), 2));
  EXPECT_FALSE(attempt->taken_over());
  // As the launcher of another machine does that saw no heartbeat.
  Put(LeasePath(job) + ".2", "host: \"node7\" expires_seconds: 60\n");
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_TRUE(attempt->taken_over());
  EXPECT_FALSE(attempt->succeeded());
  EXPECT_THAT(attempt->outcome().cause(),
              HasSubstr("another launcher took over"));
  EXPECT_THAT(LeaseHolder(job), HasSubstr("node7"));
}

TEST(AttemptTest, WritesWhatTheRanksNeedAndWhatReadersWant) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(job, ScriptWorker("result"), 1));
  ASSERT_TRUE(RunToEnd(attempt.get()));
  const std::string directory = job + "/attempts/0001";
  EXPECT_EQ(attempt->directory(), directory);
  EXPECT_THAT(ReadFile(job + "/spec.textproto"), IsOkAndHolds("spec\n"));
  ASSERT_OK_AND_ASSIGN(
      const LaunchPlan plan,
      ReadTextproto<LaunchPlan>(directory + "/launch.textproto"));
  EXPECT_EQ(plan.attempt(), 1);
  EXPECT_EQ(plan.attempt_dir(), directory);
  EXPECT_EQ(plan.job_dir(), job);
  ASSERT_OK_AND_ASSIGN(
      const Provenance provenance,
      ReadTextproto<Provenance>(directory + "/provenance.textproto"));
  EXPECT_GT(provenance.start_unix_us(), 0);
  ASSERT_OK_AND_ASSIGN(const Outcome outcome,
                       ReadTextproto<Outcome>(OutcomePath(directory)));
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_FALSE(outcome.has_cause());
}

TEST(AttemptTest, ExitCodeZeroWithoutAResultIsAFailure) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(NewDir(), ScriptWorker("exit 0"), 1));
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_FALSE(attempt->succeeded());
  EXPECT_THAT(attempt->outcome().cause(), HasSubstr("no result.textproto"));
}

TEST(AttemptTest, OneFailedRankStopsTheOthersAndIsTheCause) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(NewDir(), ScriptWorker(R"(
if [ "$rank" = 1 ]; then
  echo "transect_worker: DATA: cannot read a.jpg" >&2
  exit 65
fi
exec sleep 1000)"),
                                    3));
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_EQ(attempt->outcome().exit_code(), 65);
  EXPECT_EQ(attempt->outcome().rank(), 1);
  EXPECT_EQ(attempt->outcome().cause(), "rank 1: DATA: cannot read a.jpg");
  EXPECT_THAT(attempt->LogPath(), HasSubstr("rank00001.log"));
}

TEST(AttemptTest, ALostPeerWaitsForTheOneWhoKnowsWhy) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(NewDir(), ScriptWorker(R"(
[ "$rank" = 0 ] && exit 72
sleep 0.3
echo "transect_worker: NON_FINITE: the loss is nan" >&2
exit 71)"),
                                    2));
  // The clock is an argument: here the grace never passes, however slow the
  // machine is.
  const SteadyTime now = std::chrono::steady_clock::now();
  ASSERT_TRUE(Eventually([&] { return attempt->Poll(now); }));
  EXPECT_EQ(attempt->outcome().exit_code(), 71);
  EXPECT_EQ(attempt->outcome().rank(), 1);
}

TEST(AttemptTest, ALostPeerIsTheCauseIfNobodyElseFailsWithinTheGrace) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(job, ScriptWorker(R"(
[ "$rank" = 0 ] && exit 72
exec sleep 1000)"),
                                    2));
  // Each look is longer after the one before than the grace.
  SteadyTime now = std::chrono::steady_clock::now();
  ASSERT_TRUE(
      Eventually([&] { return attempt->Poll(now += 2 * kPeerLostGrace); }));
  EXPECT_EQ(attempt->outcome().exit_code(), 72);
  EXPECT_EQ(attempt->outcome().rank(), 0);
}

TEST(AttemptTest, NamesTheSignalOfARankThatWasKilled) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                       StartAttempt(NewDir(), ScriptWorker("kill -9 $$"), 1));
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_EQ(attempt->outcome().signal(), SIGKILL);
  EXPECT_THAT(attempt->outcome().cause(),
              AllOf(HasSubstr("signal 9"), HasSubstr("memory")));
}

TEST(AttemptTest, AnInterruptIsNoFailure) {
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Attempt> attempt,
      StartAttempt(NewDir(), ScriptWorker("exec sleep 1000"), 2));
  attempt->Interrupt("stopped by a test", std::chrono::steady_clock::now());
  ASSERT_TRUE(RunToEnd(attempt.get()));
  EXPECT_FALSE(attempt->succeeded());
  EXPECT_TRUE(attempt->outcome().interrupted());
  EXPECT_EQ(attempt->outcome().cause(), "stopped by a test");
}

TEST(AttemptTest, ARankThatIgnoresSigtermIsKilledAfterTheGrace) {
  const std::string job = NewDir();
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Attempt> attempt,
      StartAttempt(job,
                   ScriptWorker("trap '' TERM; : > ready; while :; do sleep "
                                "0.1; done"),
                   1));
  ASSERT_TRUE(Eventually([&] { return FileExists(job + "/ready"); }));
  const SteadyTime now = std::chrono::steady_clock::now();
  attempt->Interrupt("a test", now);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(attempt->Poll(now + std::chrono::milliseconds(100)));
  // The clock is an argument, so the test need not wait.
  EXPECT_TRUE(
      Eventually([&] { return attempt->Poll(now + 2 * kInterruptGrace); }));
}

TEST(AttemptTest, ASecondAttemptHasItsOwnDirectory) {
  const std::string job = NewDir();
  for (const char* directory : {"/attempts/0001", "/attempts/0002"}) {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Attempt> attempt,
                         StartAttempt(job, ScriptWorker("exit 70"), 1));
    ASSERT_TRUE(RunToEnd(attempt.get()));
    EXPECT_EQ(attempt->directory(), job + directory);
  }
}

TEST(AttemptTest, AWorkerThatCannotStartLeavesNoLease) {
  const std::string job = NewDir();
  EXPECT_THAT(
      StartAttempt(job, "/nowhere/worker", 2),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/worker")));
  EXPECT_FALSE(IsLeaseHeld(job));
}

}  // namespace
}  // namespace transect
