// What the launcher does where Slurm is not as it should be. tests/slurm has a
// real one.
#include "launch/slurm/slurm_executor.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/ledger.h"
#include "launch/plan/equal_failures.h"
#include "launch/slurm/run_states.h"
#include "launch/slurm/submit.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SlurmExecutor : public testing::Test {
 protected:
  SlurmExecutor() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    plan_.code = kRunCode;
    plan_.expansion.name = "sweep";
    AddWantedRun(store_, &plan_);
    options_.parts.program = "p";
    options_.parts.site.mutable_slurm()->set_poll_seconds(1);
  }
  ~SlurmExecutor() override { setenv("PATH", path_.c_str(), 1); }

  // Makes shell scripts the only Slurm that is found.
  void Slurm(const std::string& squeue, const std::string& sbatch) {
    const std::string directory = NewDir();
    PutProgram(directory + "/squeue", squeue);
    PutProgram(directory + "/sbatch", sbatch);
    setenv("PATH", absl::StrCat(directory, ":/usr/bin:/bin").c_str(), 1);
  }
  void PutProgram(const std::string& path, const std::string& text) {
    Put(path, absl::StrCat("#!/bin/sh\n", text, "\n"));
    ASSERT_EQ(system(absl::StrCat("chmod +x ", path).c_str()), 0);
  }

  Execution Run() {
    return ExecuteBySlurm(options_, store_, &plan_, &recorder_,
                          [this](const Submission& submission) {
                            submissions_.push_back(submission);
                          });
  }

  const std::string path_ = getenv("PATH");
  Store store_;
  Plan plan_;
  SlurmOptions options_;
  Recorder recorder_;
  std::vector<Submission> submissions_;
};

TEST_F(SlurmExecutor, AQueueThatDoesNotAnswerIsNotAnEmptyOne) {
  const std::string submitted = NewDir() + "/submitted";
  Slurm("echo Unable to contact slurm controller >&2; exit 1",
        absl::StrCat("touch ", submitted));
  const Execution execution = Run();
  EXPECT_THAT(std::string(execution.launcher_error.message()),
              HasSubstr("Unable to contact slurm controller; what Slurm has "
                        "is not known, so nothing was submitted"));
  EXPECT_FALSE(FileExists(submitted));
  EXPECT_THAT(submissions_, IsEmpty());
}

TEST_F(SlurmExecutor, SubmitsAndLeaves) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  const Execution execution = Run();
  ASSERT_THAT(execution.launcher_error, IsOk());
  ASSERT_EQ(submissions_.size(), 1u);
  EXPECT_THAT(submissions_[0].numbers, ElementsAre("17"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kOpen);
  ASSERT_THAT(ReadSweep(store_, submissions_[0].sweep), IsOk());
}

TEST_F(SlurmExecutor, WhatSlurmHasIsNotSubmittedAgain) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  Run();
  const std::string name = SingleName(plan_.jobs[0].id);
  const std::string comment =
      CommentText({submissions_[0].sweep, 0, plan_.jobs[0].id});
  Slurm(
      absl::StrCat("echo '17|PENDING|N/A||", name, "|", comment, "|Resources'"),
      "echo 18");
  Run();
  ASSERT_EQ(submissions_.size(), 2u);
  EXPECT_THAT(submissions_[1].numbers, IsEmpty());
  EXPECT_EQ(submissions_[1].already, 1);
  EXPECT_THAT(recorder_.waits, ElementsAre("Slurm's job 17 waits (Resources)"));
}

TEST_F(SlurmExecutor, AnotherJobOfThatNameIsNotOurs) {
  Slurm(absl::StrCat("echo '17|RUNNING|N/A|n1|", SingleName(plan_.jobs[0].id),
                     "|what somebody wrote|None'"),
        "echo 18");
  options_.wait = false;
  Run();
  EXPECT_THAT(submissions_[0].numbers, ElementsAre("18"));
}

TEST_F(SlurmExecutor, WhatIsForgottenIsSubmittedAgainAndNotForEver) {
  Slurm("exit 0", "echo 17");
  const Execution execution = Run();
  EXPECT_EQ(submissions_.size(), 3u);
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(execution.ends[0].cause, HasSubstr("none made an attempt"));
}

TEST_F(SlurmExecutor, WhatSomebodyCancelledIsNot) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  Run();
  const std::string seen = NewDir() + "/seen";
  const std::string line = absl::StrCat(
      "17|CANCELLED|N/A||", SingleName(plan_.jobs[0].id), "|",
      CommentText({submissions_[0].sweep, 0, plan_.jobs[0].id}), "|None");
  // Cancelled after this launcher's own submission.
  Slurm(absl::StrCat("if [ -e ", seen, " ]; then echo '", line, "'; fi; touch ",
                     seen),
        "echo 17");
  options_.wait = true;
  const Execution execution = Run();
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(execution.ends[0].cause, HasSubstr("cancelled"));
  EXPECT_EQ(submissions_.size(), 2u);
}

TEST_F(SlurmExecutor, ARunThatTheStoreHasIsDone) {
  const Job& job = plan_.jobs[0];
  const std::string made = NewDir();
  PutResult(made, job.id, kRunCode);
  Slurm("exit 0", absl::StrCat("mkdir -p ", AttemptDir(job.dir, 1), "; cp ",
                               made, "/* ", job.dir, "; echo 17"));
  const Execution execution = Run();
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(submissions_.size(), 1u);
}

TEST_F(SlurmExecutor, ADryRunWritesNothing) {
  Slurm("exit 1", "exit 1");
  const auto text = DryRunText(options_.parts, store_, plan_);
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(*text, HasSubstr("#SBATCH --nodes=1"));
  EXPECT_THAT(*text, HasSubstr("sbatch --parsable --job-name=transect-"));
  EXPECT_FALSE(FileExists(store_.SweepDir("")));
}

// What a launcher wrote that died while it called sbatch.
TEST_F(SlurmExecutor, AnAnnouncedJobIsFoundByItsName) {
  const std::string name = SingleName(plan_.jobs[0].id);
  Slurm("exit 0", "kill -9 $PPID");
  options_.wait = false;
  // sbatch takes the job and kills the launcher, which is a child here.
  if (fork() == 0) {
    Run();
    _exit(0);
  }
  int status = 0;
  wait(&status);
  EXPECT_TRUE(WIFSIGNALED(status));
  const auto before = ReadAnnounced(store_, plan_, std::vector<int>{0});
  ASSERT_THAT(before, IsOk());
  ASSERT_EQ(before->open.size(), 1u);
  EXPECT_EQ(before->open[0].name, name);
  Slurm(absl::StrCat("echo '17|PENDING|N/A||", name, "|",
                     before->open[0].comment, "|Resources'"),
        "echo 18");
  Run();
  ASSERT_EQ(submissions_.size(), 1u);
  EXPECT_THAT(submissions_[0].numbers, IsEmpty());
  const auto after = ReadAnnounced(store_, plan_, std::vector<int>{0});
  ASSERT_THAT(after, IsOk());
  EXPECT_THAT(after->open, IsEmpty());
  const auto states = StatesOfRuns(store_, plan_, /*ask=*/true);
  ASSERT_THAT(states, IsOk());
  EXPECT_EQ(states->runs[0].state, RunState::kQueued);
  EXPECT_EQ(states->runs[0].job, "17");
  EXPECT_EQ(states->runs[0].reason, "Resources");
}

TEST_F(SlurmExecutor, StatesAreThoseOfLedgersAndQueue) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  Run();
  const auto unasked = StatesOfRuns(store_, plan_, /*ask=*/false);
  ASSERT_THAT(unasked, IsOk());
  EXPECT_EQ(unasked->runs[0].state, RunState::kSubmitted);
  EXPECT_EQ(unasked->runs[0].job, "17");
  Slurm("echo no controller >&2; exit 1", "exit 1");
  const auto unanswered = StatesOfRuns(store_, plan_, /*ask=*/true);
  ASSERT_THAT(unanswered, IsOk());
  EXPECT_EQ(unanswered->runs[0].state, RunState::kSubmitted);
  EXPECT_THAT(unanswered->queue_problem, HasSubstr("no controller"));
  Slurm("exit 0", "exit 1");
  const auto lost = StatesOfRuns(store_, plan_, /*ask=*/true);
  ASSERT_THAT(lost, IsOk());
  EXPECT_EQ(lost->runs[0].state, RunState::kLost);
  EXPECT_EQ(lost->queue_problem, "");
}

// One asks and submits at a time: what the other is about to submit, nobody
// could find.
TEST_F(SlurmExecutor, WhileAnotherSubmitsNothingIs) {
  const std::string submitted = NewDir() + "/submitted";
  Slurm("exit 0", absl::StrCat("touch ", submitted, "; echo 17"));
  options_.wait = false;
  auto turn = TakeSubmitLease(store_, plan_);
  ASSERT_THAT(turn, IsOk());
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    EXPECT_FALSE(FileExists(submitted));
    turn->reset();
  });
  const Execution execution = Run();
  other.join();
  EXPECT_THAT(execution.launcher_error, IsOk());
  EXPECT_TRUE(FileExists(submitted));
}

TEST_F(SlurmExecutor, WithoutALedgerNothingIsSubmitted) {
  const std::string submitted = NewDir() + "/submitted";
  Slurm("exit 0", absl::StrCat("touch ", submitted, "; echo 17"));
  Put(store_.LedgerDir(), "in the way");
  const Execution execution = Run();
  EXPECT_FALSE(execution.launcher_error.ok());
  EXPECT_FALSE(FileExists(submitted));
}

// A disk that is full, a store that is read-only or gone: nothing is submitted,
// and the same command goes on once it can write.
TEST_F(SlurmExecutor,
       AStoreThatCannotBeWrittenIsALineAndTheSameCommandRecovers) {
  const std::string submitted = NewDir() + "/submitted";
  Slurm("exit 0", absl::StrCat("touch ", submitted, "; echo 17"));
  options_.wait = false;
  Put(store_.SweepsDir(), "in the way");
  const Execution refused = Run();
  EXPECT_THAT(std::string(refused.launcher_error.message()),
              HasSubstr(store_.SweepsDir()));
  EXPECT_FALSE(FileExists(submitted));
  ASSERT_EQ(unlink(store_.SweepsDir().c_str()), 0);
  EXPECT_THAT(Run().launcher_error, IsOk());
  EXPECT_TRUE(FileExists(submitted));
}

TEST_F(SlurmExecutor, AQueueThatHangsIsGivenUpAfterAWhile) {
  Slurm("sleep 60", "echo 17");
  options_.command_timeout = std::chrono::milliseconds(1200);
  const Execution execution = Run();
  EXPECT_THAT(std::string(execution.launcher_error.message()),
              HasSubstr("squeue did not answer within 1 seconds; what Slurm "
                        "has is not known, so nothing was submitted"));
}

TEST_F(SlurmExecutor, AStateThatIsNotKnownIsNotTheEnd) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  Run();
  Slurm(absl::StrCat("echo '17|TELEPORTED|N/A||", SingleName(plan_.jobs[0].id),
                     "|",
                     CommentText({submissions_[0].sweep, 0, plan_.jobs[0].id}),
                     "|None'"),
        "echo 18");
  Run();
  EXPECT_THAT(submissions_[1].numbers, IsEmpty());
  EXPECT_THAT(recorder_.waits,
              ElementsAre(HasSubstr("is TELEPORTED, a state that is not known "
                                    "here")));
}

// The kernel killed rank and slot, so that only Slurm knows why.
TEST_F(SlurmExecutor, AJobThatSlurmKilledForMemoryIsAFailureForMemory) {
  Slurm("exit 0", "echo 17");
  options_.wait = false;
  Run();
  const Job& job = plan_.jobs[0];
  LedgerStart slot;
  slot.set_kind(LedgerStart::SLOT);
  slot.set_experiment("sweep");
  slot.set_code(plan_.code);
  slot.set_number("17");
  LedgerEvent begun;
  begun.set_kind(LedgerEvent::BEGUN);
  begun.add_run(job.id);
  begun.set_attempt(1);
  ASSERT_THAT(LedgerWriter(store_, slot).Append(begun), IsOk());
  Put(LaunchPath(AttemptDir(job.dir, 1)), "id: 'x'\n");
  const auto queue = [&](const std::string& state, const std::string& comment) {
    return absl::StrCat("echo '17|", state, "|N/A|n1|", SingleName(job.id), "|",
                        comment, "|None'");
  };
  const std::string comment = CommentText({submissions_[0].sweep, 0, job.id});
  const std::string outcome = OutcomePath(AttemptDir(job.dir, 1));
  // Failed for another reason; another job that has the number now.
  for (const std::string& answer :
       {queue("NODE_FAIL", comment), queue("OUT_OF_MEMORY", "of another")}) {
    Slurm(answer, "echo 18");
    Run();
    EXPECT_FALSE(FileExists(outcome));
    EXPECT_FALSE(RanOutOfMemory(job.dir));
  }
  Slurm(queue("OUT_OF_MEMORY", comment), "echo 19");
  Run();
  EXPECT_TRUE(RanOutOfMemory(job.dir));
  EXPECT_THAT(ReadFile(outcome).value_or(""),
              HasSubstr("MEMORY: Slurm killed its job"));
  // It is tried again.
  EXPECT_THAT(submissions_.back().numbers, ElementsAre("19"));
}

// Jobs that make attempts and never a checkpoint.
TEST_F(SlurmExecutor, WhatComesNoFurtherIsNotSubmittedForEver) {
  const Job& job = plan_.jobs[0];
  const std::string counter = NewDir() + "/n";
  Slurm("exit 0",
        absl::StrCat("n=$(cat ", counter, " 2>/dev/null || echo 1); mkdir -p ",
                     job.dir, "/attempts/000$n; echo $((n + 1)) >", counter,
                     "; echo 17"));
  options_.parts.site.mutable_slurm()->set_poll_seconds(0);
  const Execution execution = Run();
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(execution.ends[0].cause, HasSubstr("came no further"));
  EXPECT_EQ(submissions_.size(), static_cast<size_t>(kMostFruitless));
}

}  // namespace
}  // namespace transect
