// What Slurm has for runs, and how it is asked.
#include "launch/slurm/coverage.h"

#include <stdlib.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/plan.h"
#include "launch/slurm/queue.h"
#include "launch/slurm/sweep.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

QueuedJob Queued(const std::string& number, const JobComment& comment,
                 QueuePhase phase) {
  QueuedJob job;
  job.number = number;
  job.comment = CommentText(comment);
  job.phase = phase;
  return job;
}

class CoverageTest : public testing::Test {
 protected:
  CoverageTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    plan_.code = kRunCode;
    for (int i = 0; i < 2; ++i) AddWantedRun(store_, &plan_);
    Write("ours", kRunCode);
    Write("of-other-code", "0123456789abcdef0123456789abcdef");
  }

  // A sweep of both runs.
  void Write(const std::string& name, const std::string& code) {
    Sweep sweep;
    sweep.set_name(name);
    sweep.set_code(code);
    for (const Job& job : plan_.jobs) {
      SweepJob* const added = sweep.add_job();
      added->set_id(job.id);
      added->set_last_attempt(7);
    }
    sweep.add_group()->add_run(0);
    sweep.mutable_group(0)->add_run(1);
    const std::string dir = store_.SweepDir(name);
    EXPECT_THAT(MakeDirs(dir), IsOk());
    EXPECT_THAT(WriteTextprotoAtomic(SweepPath(dir), sweep), IsOk());
  }

  Coverage Of(const std::vector<QueuedJob>& queue) {
    return Coverage(store_, plan_, queue, &known_);
  }
  std::string Id(int run) const { return plan_.jobs[run].id; }

  Store store_;
  Plan plan_;
  RunsByComment known_;
};

TEST_F(CoverageTest, AnArrayHasAllRunsOfItsGroup) {
  const std::vector<QueuedJob> queue = {
      Queued("8_1", {"ours", 0, ""}, QueuePhase::kEnded),
      Queued("8_[2-3]", {"ours", 0, ""}, QueuePhase::kPending)};
  const Coverage coverage = Of(queue);
  for (int run = 0; run < 2; ++run) {
    ASSERT_NE(coverage.Live(Id(run)), nullptr);
    EXPECT_EQ(coverage.Live(Id(run))->job->number, "8_[2-3]");
    EXPECT_EQ(coverage.Live(Id(run))->last_attempt, 7);
  }
}

TEST_F(CoverageTest, ASingleJobHasItsRun) {
  const std::vector<QueuedJob> queue = {
      Queued("8", {"ours", 0, Id(1)}, QueuePhase::kRunning)};
  const Coverage coverage = Of(queue);
  EXPECT_EQ(coverage.Live(Id(0)), nullptr);
  EXPECT_NE(coverage.Live(Id(1)), nullptr);
}

TEST_F(CoverageTest, JobsOfOthersHaveNothingOfOurs) {
  QueuedJob stranger;
  stranger.comment = "my job";
  stranger.phase = QueuePhase::kRunning;
  const std::vector<QueuedJob> queue = {
      stranger, Queued("1", {"no-such-sweep", 0, ""}, QueuePhase::kRunning),
      Queued("2", {"of-other-code", 0, ""}, QueuePhase::kRunning),
      Queued("3", {"ours", 5, ""}, QueuePhase::kRunning),
      Queued("4", {"ours", 0, ""}, QueuePhase::kEnded)};
  const Coverage coverage = Of(queue);
  EXPECT_EQ(coverage.Live(Id(0)), nullptr);
  EXPECT_FALSE(coverage.Cancelled(Id(0)));
}

TEST_F(CoverageTest, CancelledIsWhatNoOtherJobHas) {
  std::vector<QueuedJob> queue = {
      Queued("1", {"ours", 0, Id(0)}, QueuePhase::kCancelled)};
  EXPECT_TRUE(Of(queue).Cancelled(Id(0)));
  queue.push_back(Queued("2", {"ours", 0, Id(0)}, QueuePhase::kUnknown));
  EXPECT_FALSE(Of(queue).Cancelled(Id(0)));
}

class QueueTest : public testing::Test {
 protected:
  ~QueueTest() override { setenv("PATH", path_.c_str(), 1); }

  void Squeue(const std::string& text) {
    const std::string bin = NewDir();
    Put(bin + "/squeue", absl::StrCat("#!/bin/sh\n", text, "\n"));
    ASSERT_EQ(system(absl::StrCat("chmod +x ", bin, "/squeue").c_str()), 0);
    setenv("PATH", absl::StrCat(bin, ":/usr/bin:/bin").c_str(), 1);
  }

  const std::string path_ = getenv("PATH");
};

TEST_F(QueueTest, AFailureIsNoEmptyQueue) {
  Squeue("exit 0");
  const auto empty = AskQueue({"a"});
  ASSERT_THAT(empty, IsOk());
  EXPECT_THAT(*empty, SizeIs(0));
  Squeue("echo 'Unable to contact slurm controller' >&2; exit 1");
  EXPECT_THAT(AskQueue({"a"}).status(),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("Unable to contact slurm controller")));
  Squeue("sleep 60");
  EXPECT_THAT(AskQueue({"a"}, std::chrono::milliseconds(200)).status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace transect
