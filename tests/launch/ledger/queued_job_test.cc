#include "launch/ledger/queued_job.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;

// The words of Slurm 22.05.
TEST(PhaseOf, KnowsAllStatesOfSlurm) {
  const std::vector<std::pair<const char*, QueuePhase>> table = {
      {"PENDING", QueuePhase::kPending},
      {"REQUEUED", QueuePhase::kPending},
      {"REQUEUE_FED", QueuePhase::kPending},
      {"CONFIGURING", QueuePhase::kPending},
      {"REQUEUE_HOLD", QueuePhase::kHeld},
      {"RESV_DEL_HOLD", QueuePhase::kHeld},
      {"SPECIAL_EXIT", QueuePhase::kHeld},
      {"RUNNING", QueuePhase::kRunning},
      {"SIGNALING", QueuePhase::kRunning},
      {"RESIZING", QueuePhase::kRunning},
      {"STAGE_OUT", QueuePhase::kRunning},
      {"SUSPENDED", QueuePhase::kSuspended},
      {"STOPPED", QueuePhase::kSuspended},
      {"COMPLETING", QueuePhase::kEnding},
      {"COMPLETED", QueuePhase::kEnded},
      {"FAILED", QueuePhase::kEnded},
      {"OUT_OF_MEMORY", QueuePhase::kEnded},
      {"DEADLINE", QueuePhase::kEnded},
      {"TIMEOUT", QueuePhase::kEnded},
      {"NODE_FAIL", QueuePhase::kEnded},
      {"BOOT_FAIL", QueuePhase::kEnded},
      {"PREEMPTED", QueuePhase::kEnded},
      {"CANCELLED", QueuePhase::kCancelled},
      {"REVOKED", QueuePhase::kCancelled},
      {"LAUNCH_FAILED_NEXT_YEAR", QueuePhase::kUnknown}};
  for (const auto& [state, phase] : table) {
    EXPECT_EQ(PhaseOf(state, "None"), phase) << state;
  }
}

TEST(PhaseOf, AJobThatWaitsForAPersonIsHeld) {
  for (const char* reason :
       {"JobHeldUser", "JobHeldAdmin", "DependencyNeverSatisfied",
        "launch failed requeued held", "job requeued in held state"}) {
    EXPECT_EQ(PhaseOf("PENDING", reason), QueuePhase::kHeld) << reason;
  }
  for (const char* reason : {"Resources", "Priority", "Dependency", "BeginTime",
                             "ReqNodeNotAvail"}) {
    EXPECT_EQ(PhaseOf("PENDING", reason), QueuePhase::kPending) << reason;
  }
}

TEST(MayWork, AnUnknownStateIsNoEnd) {
  EXPECT_TRUE(MayWork(QueuePhase::kUnknown));
  EXPECT_TRUE(MayWork(QueuePhase::kEnding));
  EXPECT_FALSE(MayWork(QueuePhase::kEnded));
  EXPECT_FALSE(MayWork(QueuePhase::kCancelled));
}

TEST(CountOf, CountsTheJobsOfAnArray) {
  EXPECT_EQ(CountOf("17"), 1);
  EXPECT_EQ(CountOf("17_3"), 1);
  EXPECT_EQ(CountOf("17_[4-9]"), 6);
  EXPECT_EQ(CountOf("20_[2-7,12-17,22%56]"), 13);
  EXPECT_EQ(CountOf("20_[0-3,5,...]"), 5);
  EXPECT_EQ(CountOf("20_[]"), 1);
}

TEST(ParseQueue, ReadsLines) {
  const auto jobs = ParseQueue(
      "17_3|RUNNING|2026-01-31T12:00:00|n[1-2]|transect-x|sweep=s group=0|"
      "None\n"
      "18|PENDING|N/A||transect-y|(null)|(Nodes a|b are down)\n");
  ASSERT_THAT(jobs, IsOk());
  ASSERT_EQ(jobs->size(), 2u);
  const QueuedJob& first = (*jobs)[0];
  EXPECT_EQ(first.number, "17_3");
  EXPECT_EQ(first.phase, QueuePhase::kRunning);
  EXPECT_EQ(first.nodes, "n[1-2]");
  EXPECT_EQ(first.name, "transect-x");
  EXPECT_EQ(first.comment, "sweep=s group=0");
  EXPECT_EQ(DescribeQueued(first), "Slurm's job 17_3 runs on n[1-2]");
  const QueuedJob& second = (*jobs)[1];
  EXPECT_EQ(second.start, "");
  EXPECT_EQ(second.comment, "");
  EXPECT_EQ(second.reason, "(Nodes a|b are down)");
  EXPECT_EQ(ParseQueue("\n")->size(), 0u);
}

TEST(ParseQueue, RefusesWhatIsNoLine) {
  const auto jobs = ParseQueue("slurm_load_jobs error: hello\n");
  EXPECT_EQ(jobs.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(jobs.status().message()), HasSubstr("hello"));
}

TEST(DescribeQueued, SaysWhatAHeldJobNeeds) {
  QueuedJob job;
  job.number = "5";
  job.state = "PENDING";
  job.reason = "JobHeldUser";
  job.phase = PhaseOf(job.state, job.reason);
  EXPECT_THAT(DescribeQueued(job), HasSubstr("`scontrol release 5`"));
}

}  // namespace
}  // namespace transect
