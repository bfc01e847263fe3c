#include "launch/execute/local_executor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "launch/store/cancel.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LocalExecutorTest : public testing::Test {
 protected:
  LocalExecutorTest()
      : root_(NewDir() + "/store"), store_(*Store::OpenOrCreate(root_)) {
    plan_.code = kRunCode;
  }

  // Adds a wanted run; ids are "00...", "11...", ... by index.
  Job& AddRun(std::vector<int> needs = {}) {
    Job& job = AddWantedRun(store_, &plan_);
    job.needs = std::move(needs);
    return job;
  }

  Execution Run(const std::string& worker, int jobs = 1) {
    ExecutorOptions options;
    options.worker = worker;
    options.jobs = jobs;
    options.again_after = std::chrono::milliseconds(0);
    return ExecuteLocally(options, store_, &plan_, &recorder_);
  }

  std::string root_;
  Store store_;
  Plan plan_;
  Recorder recorder_;
};

TEST_F(LocalExecutorTest, RunsWantedJobsInOrderAndNoOthers) {
  AddRun();
  AddRun().wanted = false;
  AddRun();
  const Execution execution = Run(ScriptWorker("result"));
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "end 0", "start 2", "end 2"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kOpen);
  EXPECT_EQ(plan_.jobs[2].state, JobState::kDone);
  EXPECT_FALSE(FileExists(plan_.jobs[1].dir));
}

TEST_F(LocalExecutorTest, TheRanksLearnWhatTheFoundInputsHeld) {
  Job& job = AddRun();
  RunSpec& run = *job.launch.mutable_train()->mutable_run();
  run.mutable_data()->mutable_found()->set_role("photos");
  run.mutable_tokenizer()->mutable_sentencepiece();
  run.mutable_weights()->mutable_random();
  FoundInput& found = plan_.found.emplace_back();
  found.role = "photos";
  found.identity = "content";
  job.inputs.set_data(
      ListInputs(run, {{"data/photos", "content"}}).value().reads.all()[0]);
  ASSERT_EQ(Run(ScriptWorker("result")).ends[0].kind, JobEnd::kDone);
  ASSERT_OK_AND_ASSIGN(
      const LaunchPlan launch,
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job.dir, 1))));
  EXPECT_EQ(launch.store(), root_);
  ASSERT_THAT(launch.train().found(), SizeIs(1));
  EXPECT_EQ(launch.train().found(0).input(), "data");
  EXPECT_EQ(launch.train().found(0).sha256(), "content");
}

TEST_F(LocalExecutorTest, InputsComeFirstAndJobsOverlapAsFarAsAllowed) {
  AddRun();
  AddRun({0});
  AddRun({0});
  const Execution execution = Run(ScriptWorker("sleep 0.5; result"), 2);
  EXPECT_THAT(recorder_.events, SizeIs(6));
  recorder_.events.resize(4);
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "end 0", "start 1", "start 2"));
  EXPECT_EQ(execution.ends[2].kind, JobEnd::kDone);
}

TEST_F(LocalExecutorTest, ByDefaultProcessorsLimitTheJobs) {
  for (int i = 0; i < 3; ++i) {
    Job& job = AddRun();
    job.launch.set_ranks(1);
    job.threads = 2;
  }
  ExecutorOptions options;
  options.worker = ScriptWorker("sleep 0.3; result");
  options.resources.processors = 5;
  ExecuteLocally(options, store_, &plan_, &recorder_);
  ASSERT_THAT(recorder_.events, SizeIs(6));
  EXPECT_EQ(recorder_.events[0], "start 0");
  EXPECT_EQ(recorder_.events[1], "start 1");
  EXPECT_THAT(recorder_.events[2], HasSubstr("end"));
}

TEST_F(LocalExecutorTest, AJobThatIsTooBigForTheMachineRunsAlone) {
  AddRun().threads = 64;
  AddRun().threads = 64;
  ExecutorOptions options;
  options.worker = ScriptWorker("result");
  options.resources.processors = 2;
  ExecuteLocally(options, store_, &plan_, &recorder_);
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "end 0", "start 1", "end 1"));
}

TEST_F(LocalExecutorTest, AFailureBlocksWhatNeedsItAndTheOthersGoOn) {
  AddRun();
  AddRun({0});
  AddRun({1});
  AddRun();
  const Execution execution = Run(ScriptWorker(R"(
case $id in
  0*) echo "transect_worker: DATA: bad input" >&2; exit 65 ;;
esac
result)"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_EQ(execution.ends[0].cause, "DATA: bad input");
  EXPECT_TRUE(FileExists(execution.ends[0].log));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kBlocked);
  EXPECT_THAT(execution.ends[1].cause, HasSubstr("job 0"));
  EXPECT_EQ(execution.ends[2].kind, JobEnd::kBlocked);
  EXPECT_EQ(execution.ends[3].kind, JobEnd::kDone);
  EXPECT_EQ(plan_.jobs[0].state, JobState::kFailed);
  EXPECT_TRUE(execution.launcher_error.ok());
}

TEST_F(LocalExecutorTest, AWorkerThatCannotStartStopsEverythingAtOnce) {
  AddRun();
  AddRun();
  const Execution execution = Run("/nowhere/worker");
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kOpen);
  EXPECT_THAT(execution.launcher_error.message(), HasSubstr("/nowhere/worker"));
}

TEST_F(LocalExecutorTest, WhatSomebodyElseFinishedMeanwhileIsNotDoneAgain) {
  AddRun();
  PutResult(plan_.jobs[0].dir, plan_.jobs[0].id, kRunCode);
  const Execution execution = Run(ScriptWorker("exit 70"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDoneElse);
  EXPECT_THAT(recorder_.events, ElementsAre("end 0"));
}

// They train the same, so they have one id and one directory.
TEST_F(LocalExecutorTest, RunsThatDifferInWhatTheyEvaluateComeOneByOne) {
  AddRun();
  Job& other = AddRun();
  other.id = plan_.jobs[0].id;
  other.dir = plan_.jobs[0].dir;
  other.launch = plan_.jobs[0].launch;
  EvaluateJob* const evaluation =
      other.launch.mutable_train()->add_evaluation();
  evaluation->set_split("val");
  evaluation->set_id(std::string(32, 'e'));
  PutResult(EvaluationDir(other.dir, "val", evaluation->id()), evaluation->id(),
            kRunCode);
  const Execution execution = Run(ScriptWorker("sleep 0.3; result"), 2);
  EXPECT_THAT(recorder_.events, ElementsAre("start 0", "end 0", "end 1"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kDoneElse);
}

TEST_F(LocalExecutorTest, WhatEvaluatedSomethingElseIsNoFailure) {
  Job& run = AddRun();
  *run.launch.mutable_train()->mutable_run() = SampleRun();
  EvaluateJob* const evaluation = run.launch.mutable_train()->add_evaluation();
  evaluation->set_split("val");
  evaluation->set_id(std::string(32, 'e'));
  const std::string dir = run.dir;
  const std::string id = run.id;
  ASSERT_THAT(MakeDirs(dir), IsOk());
  const pid_t other = fork();
  if (other == 0) {
    const auto lease = Lease::TryTake(dir);
    Put(dir + "/held", "");
    const bool seen =
        Eventually([&] { return FileExists(recorder_.elsewhere_file); });
    PutResult(dir, id, kRunCode);
    Put(dir + "/attempts/0001/outcome.textproto", "exit_code: 0 signal: 0");
    _exit(lease.ok() && seen ? 0 : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/held"); }));
  Run(ScriptWorker("result"));
  ASSERT_EQ(waitpid(other, nullptr, 0), other);
  EXPECT_THAT(recorder_.events, ElementsAre("elsewhere 0", "start 0", "end 0"));
}

TEST_F(LocalExecutorTest, WaitsForALeaseAndTakesUpWhatWasAbandoned) {
  AddRun();
  AddRun();
  ASSERT_THAT(MakeDirs(plan_.jobs[0].dir), IsOk());
  const pid_t other = fork();
  if (other == 0) {
    const auto lease = Lease::TryTake(plan_.jobs[0].dir);
    Put(plan_.jobs[0].dir + "/held", "");
    const bool other_is_done = Eventually(
        [&] { return FileExists(plan_.jobs[1].dir + "/result.textproto"); });
    _exit(lease.ok() && other_is_done ? 0 : 1);
  }
  ASSERT_TRUE(
      Eventually([&] { return FileExists(plan_.jobs[0].dir + "/held"); }));
  const Execution execution = Run(ScriptWorker("result"));
  ASSERT_EQ(waitpid(other, nullptr, 0), other);
  EXPECT_THAT(recorder_.events, ElementsAre("elsewhere 0", "start 1", "end 1",
                                            "start 0", "end 0"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
}

TEST_F(LocalExecutorTest, AFailureElsewhereIsNotTriedAgainByTheOneWhoWaited) {
  AddRun();
  const std::string dir = plan_.jobs[0].dir;
  ASSERT_THAT(MakeDirs(dir), IsOk());
  const pid_t other = fork();
  if (other == 0) {
    const auto lease = Lease::TryTake(dir);
    Put(dir + "/held", "");
    const bool seen =
        Eventually([&] { return FileExists(recorder_.elsewhere_file); });
    Put(dir + "/attempts/0001/outcome.textproto",
        "exit_code: 65 rank: 0 cause: \"DATA: no such image\"");
    _exit(lease.ok() && seen ? 0 : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/held"); }));
  const Execution execution = Run(ScriptWorker("result"));
  ASSERT_EQ(waitpid(other, nullptr, 0), other);
  EXPECT_THAT(recorder_.events, ElementsAre("elsewhere 0", "end 0"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_EQ(execution.ends[0].cause, "DATA: no such image");
}

// Each run appends a line to one file, so that what ran twice shows.
TEST_F(LocalExecutorTest, TwoExecutorsOnOneStoreRunNothingTwice) {
  for (int i = 0; i < 6; ++i) AddRun();
  const std::string starts = NewDir() + "/starts";
  const std::string worker =
      ScriptWorker(absl::StrCat("echo $id >> ", starts, "; sleep 0.2; result"));
  const pid_t other = fork();
  if (other == 0) {
    const Execution execution = Run(worker, 2);
    bool all_done = true;
    for (const JobEnd& end : execution.ends) {
      all_done = all_done &&
                 (end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse);
    }
    _exit(all_done ? 0 : 1);
  }
  const Execution execution = Run(worker, 2);
  int status = 0;
  ASSERT_EQ(waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  for (const JobEnd& end : execution.ends) {
    EXPECT_TRUE(end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse);
  }
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(starts));
  EXPECT_THAT(
      std::vector<std::string>(absl::StrSplit(text, '\n', absl::SkipEmpty())),
      SizeIs(6));
}

TEST_F(LocalExecutorTest, ARequestToStopEndsTheAttemptAndKeepsOthersOut) {
  AddRun();
  AddRun();
  const std::string running = plan_.jobs[0].dir;
  const std::string waiting = plan_.jobs[1].dir;
  ASSERT_THAT(RequestCancel(waiting), IsOk());
  // The first one is asked to stop while it runs.
  const Execution execution =
      Run(ScriptWorker(": > cancel.textproto; exec sleep 1000"));
  EXPECT_EQ(execution.signal, 0);
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kInterrupted);
  EXPECT_EQ(execution.ends[0].cause, "cancelled");
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kInterrupted);
  EXPECT_THAT(execution.ends[1].cause, HasSubstr("cancelled"));
  EXPECT_THAT(Attempts(running), SizeIs(1));
  EXPECT_THAT(Attempts(waiting), SizeIs(0));
  EXPECT_FALSE(IsLeaseHeld(running));
  // It holds until somebody takes it back.
  EXPECT_EQ(Run(ScriptWorker("result")).ends[0].kind, JobEnd::kInterrupted);
  ASSERT_THAT(WithdrawCancel(running), IsOk());
  const Execution again = Run(ScriptWorker("result"));
  EXPECT_EQ(again.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(again.ends[1].kind, JobEnd::kInterrupted);
}

TEST_F(LocalExecutorTest, ASignalStopsTheRanksAndLeavesNoOrphan) {
  AddRun();
  AddRun();
  const std::string dir = plan_.jobs[0].dir;
  const std::string worker = ScriptWorker(": > started; exec sleep 1000");
  const pid_t launcher = fork();
  if (launcher == 0) {
    const Execution execution = Run(worker);
    _exit(execution.signal == SIGINT &&
                  execution.ends[0].kind == JobEnd::kInterrupted &&
                  execution.ends[1].kind == JobEnd::kOpen
              ? 0
              : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/started"); }));
  ASSERT_EQ(kill(launcher, SIGINT), 0);
  int status = 0;
  ASSERT_EQ(waitpid(launcher, &status, 0), launcher);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(IsLeaseHeld(dir));
  // The next executor starts only what is not done, as a new attempt.
  Run(ScriptWorker("result"));
  EXPECT_THAT(Attempts(dir), ElementsAre(1, 2));
  EXPECT_EQ(plan_.jobs[0].state, JobState::kDone);
}

// The state of a process as the kernel shows it: R, S, D, T (stopped), ...
char StateOf(pid_t pid) {
  const std::string line =
      ReadFile(absl::StrCat("/proc/", pid, "/stat")).value_or("");
  const size_t name_end = line.rfind(')');
  return name_end == std::string::npos ? '?' : line[name_end + 2];
}

TEST_F(LocalExecutorTest, CtrlZStopsTheRanksTooAndBothGoOn) {
  AddRun();
  const std::string dir = plan_.jobs[0].dir;
  const std::string worker = ScriptWorker(
      "echo $$ > pid.tmp; mv pid.tmp pid\n"
      "while [ ! -e go_on ]; do sleep 0.05; done; result");
  const pid_t launcher = fork();
  if (launcher == 0) {
    setpgid(0, 0);
    const Execution execution = Run(worker);
    _exit(execution.ends[0].kind == JobEnd::kDone &&
                  recorder_.events[1] == "suspend"
              ? 0
              : 1);
  }
  setpgid(launcher, launcher);
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/pid"); }));
  const pid_t rank = std::stoi(*ReadFile(dir + "/pid"));
  ASSERT_EQ(kill(launcher, SIGTSTP), 0);
  int status = 0;
  ASSERT_EQ(waitpid(launcher, &status, WUNTRACED), launcher);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_TRUE(Eventually([&] { return StateOf(rank) == 'T'; }));
  ASSERT_EQ(kill(launcher, SIGCONT), 0);
  EXPECT_TRUE(Eventually([&] { return StateOf(rank) != 'T'; }));
  Put(dir + "/go_on", "");
  ASSERT_EQ(waitpid(launcher, &status, WUNTRACED), launcher);
  EXPECT_EQ(status, 0);
}

TEST_F(LocalExecutorTest, ALauncherThatAloneWasStoppedTakesUpWhatEnded) {
  AddRun();
  const std::string dir = plan_.jobs[0].dir;
  const std::string worker = ScriptWorker(
      ": > started\nwhile [ ! -e go_on ]; do sleep 0.05; done; result");
  const pid_t launcher = fork();
  if (launcher == 0) {
    _exit(Run(worker).ends[0].kind == JobEnd::kDone ? 0 : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/started"); }));
  ASSERT_EQ(kill(launcher, SIGSTOP), 0);
  int status = 0;
  ASSERT_EQ(waitpid(launcher, &status, WUNTRACED), launcher);
  Put(dir + "/go_on", "");
  EXPECT_TRUE(Eventually([&] { return FileExists(ResultPath(dir)); }));
  ASSERT_EQ(kill(launcher, SIGCONT), 0);
  ASSERT_EQ(waitpid(launcher, &status, 0), launcher);
  EXPECT_EQ(status, 0);
}

TEST_F(LocalExecutorTest, ATemporaryEndIsFollowedByAnotherAttempt) {
  AddRun();
  AddRun();
  const Execution execution = Run(ScriptWorker(R"(
echo "transect_worker: TRY_AGAIN: the disk is away" >&2
case $id$attempt in
  0*0003) result ;;
  *) exit 75 ;;
esac)"));
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "again 0", "start 0", "again 0", "start 0",
                          "end 0", "start 1", "again 1", "start 1", "again 1",
                          "start 1", "end 1"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kFailed);
  EXPECT_EQ(execution.ends[1].cause, "TRY_AGAIN: the disk is away");
  EXPECT_THAT(Attempts(plan_.jobs[1].dir), SizeIs(kMostTries));
  EXPECT_EQ(plan_.jobs[1].equal_failures, 0);
}

TEST_F(LocalExecutorTest, KillingTheLauncherFreesItsLeases) {
  AddRun();
  const std::string dir = plan_.jobs[0].dir;
  const std::string worker = ScriptWorker(": > started; exec sleep 1000");
  const pid_t launcher = fork();
  if (launcher == 0) {
    Run(worker);
    _exit(0);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(dir + "/started"); }));
  EXPECT_TRUE(IsLeaseHeld(dir));
  ASSERT_EQ(kill(launcher, SIGKILL), 0);
  ASSERT_EQ(waitpid(launcher, nullptr, 0), launcher);
  EXPECT_TRUE(Eventually([&] { return !IsLeaseHeld(dir); }));
}

}  // namespace
}  // namespace transect
