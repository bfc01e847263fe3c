// What jobs take from the machine: GPUs, memory. The workers are scripts that
// write down which GPUs they see, so that no GPU is needed.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/gpu_leases.h"
#include "launch/execute/local_executor.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ExecutorResourcesTest : public testing::Test {
 protected:
  ExecutorResourcesTest()
      : store_(*Store::OpenOrCreate(NewDir() + "/store")),
        log_(NewDir() + "/log") {
    plan_.code = kRunCode;
    options_.resources.processors = 96;
    options_.out_of_memory_kills = [this] {
      const std::string text = ReadFile(log_ + ".kills").value_or("");
      return static_cast<int64_t>(text.size());
    };
  }

  // A wanted run of `gpus` ranks; ids are "00...", "11...", ... by index.
  Job& AddRun(int gpus) {
    Job& job = AddWantedRun(store_, &plan_);
    job.launch.set_ranks(std::max(1, gpus));
    job.launch.mutable_forecast()->set_gpus(gpus);
    return job;
  }

  // One that trains, on a found data set.
  Job& AddTraining() {
    Job& job = AddRun(0);
    RunSpec& run = *job.launch.mutable_train()->mutable_run();
    run.mutable_data()->mutable_found()->set_role("photos");
    run.mutable_tokenizer()->mutable_sentencepiece();
    run.mutable_weights()->mutable_random();
    FoundInput& found = plan_.found.emplace_back();
    found.role = "photos";
    found.identity = "content";
    job.inputs.set_data(
        ListInputs(run, {{"data/photos", "content"}}).value().reads.all()[0]);
    return job;
  }

  void HaveGpus(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      options_.resources.gpus.push_back({name, absl::StrCat("key ", name)});
    }
  }

  // Rank 0 writes a line with the GPUs that it sees when it begins and ends.
  std::string GpuWorker(double seconds) {
    return ScriptWorker(absl::StrCat(
        "[ $rank = 0 ] || exec sleep ", seconds,
        "\necho \"start $id $CUDA_VISIBLE_DEVICES\" >> ", log_, "\nsleep ",
        seconds, "\necho \"end $id $CUDA_VISIBLE_DEVICES\" >> ", log_,
        "\nresult"));
  }

  Execution Run(const std::string& worker) {
    options_.worker = worker;
    return ExecuteLocally(options_, store_, &plan_, &recorder_);
  }

  // Checks that no GPU of the log had two jobs at once. Returns the GPUs of
  // each job and the most that were busy at once.
  std::map<std::string, std::vector<std::string>> ReadLog(size_t* most) {
    std::map<std::string, std::vector<std::string>> seen;
    std::set<std::string> busy;
    *most = 0;
    const std::string text = ReadFile(log_).value_or("");
    for (const absl::string_view line :
         absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      const std::vector<std::string> gpus =
          absl::StrSplit(words[2], ',', absl::SkipEmpty());
      for (const std::string& gpu : gpus) {
        if (words[0] == "start") {
          EXPECT_TRUE(busy.insert(gpu).second) << line;
        } else {
          busy.erase(gpu);
        }
      }
      *most = std::max(*most, busy.size());
      seen[words[1]] = gpus;
    }
    return seen;
  }

  Store store_;
  std::string log_;
  Plan plan_;
  ExecutorOptions options_;
  Recorder recorder_;
};

// Runs that differ in what they evaluate share a directory.
TEST_F(ExecutorResourcesTest, ATemporaryFailureIsNoneOfTheNextInTheDirectory) {
  const std::string dir = AddRun(0).dir;
  const std::string id = plan_.jobs[0].id;
  Job& twin = AddRun(0);
  twin.dir = dir;
  twin.id = id;
  twin.launch.set_id(id);
  const Execution execution =
      Run(ScriptWorker("case $attempt in */0001) exit 75;; esac\nresult"));
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "again 0", "start 1", "end 1", "end 0"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDoneElse);
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kDone);
}

// More often than a temporary failure would.
TEST_F(ExecutorResourcesTest, ATrainingThatWroteACheckpointGoesOn) {
  AddRun(0);
  const Execution execution =
      Run(ScriptWorker("case $attempt in */0006) result;; *) exit 85;; esac"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_THAT(Attempts(plan_.jobs[0].dir), SizeIs(6));
  static_assert(kMostTries < 6);
}

TEST_F(ExecutorResourcesTest, JobsAtOnceHaveGpusOfTheirOwn) {
  HaveGpus({"0", "1", "2", "3", "GPU-4a", "GPU-5b", "6", "7"});
  for (const int gpus : {4, 2, 2, 1, 8, 3, 3}) AddRun(gpus);
  AddRun(0);
  const Execution execution = Run(GpuWorker(0.2));
  for (size_t i = 0; i < plan_.jobs.size(); ++i) {
    EXPECT_EQ(execution.ends[i].kind, JobEnd::kDone) << execution.ends[i].cause;
  }
  size_t most = 0;
  auto seen = ReadLog(&most);
  ASSERT_THAT(seen, SizeIs(8));
  EXPECT_EQ(most, 8u) << "the first three fill the machine";
  for (const Job& job : plan_.jobs) {
    const size_t gpus = job.launch.forecast().gpus();
    EXPECT_THAT(seen[job.id], SizeIs(gpus)) << job.name;
    // The launch plan says the same.
    ASSERT_OK_AND_ASSIGN(
        const LaunchPlan launch,
        ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job.dir, 1))));
    EXPECT_EQ(absl::StrJoin(launch.gpu(), ","),
              absl::StrJoin(seen[job.id], ","));
  }
}

TEST_F(ExecutorResourcesTest, TwoLaunchersOfOneStoreShareTheGpusOut) {
  HaveGpus({"0", "1", "2", "3"});
  for (int i = 0; i < 6; ++i) AddRun(2);
  const std::string worker = GpuWorker(0.3);
  const pid_t other = fork();
  if (other == 0) {
    bool done = true;
    for (const JobEnd& end : Run(worker).ends) {
      done =
          done && (end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse);
    }
    _exit(done ? 0 : 1);
  }
  const Execution execution = Run(worker);
  int status = 0;
  ASSERT_EQ(waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  for (const JobEnd& end : execution.ends) {
    EXPECT_TRUE(end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse);
  }
  size_t most = 0;
  EXPECT_THAT(ReadLog(&most), SizeIs(6));
}

TEST_F(ExecutorResourcesTest, WaitsForGpusThatAnotherLauncherHas) {
  HaveGpus({"0", "1"});
  AddRun(2);
  AddRun(0);
  const std::string held = NewDir() + "/held";
  const std::string dir = plan_.jobs[1].dir;
  const pid_t other = fork();
  if (other == 0) {
    GpuLeases leases(store_, options_.resources.gpus, HostName());
    const bool taken = leases.Take(0, {1}, 1).ok();
    Put(held, "");
    const bool seen = Eventually([&] { return FileExists(ResultPath(dir)); });
    _exit(taken && seen ? 0 : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(held); }));
  const Execution execution = Run(GpuWorker(0));
  int status = 0;
  ASSERT_EQ(waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_EQ(recorder_.events[0], "start 1");
  ASSERT_THAT(recorder_.waits, SizeIs(1)) << "told once";
  EXPECT_THAT(recorder_.waits[0],
              AllOf(HasSubstr("other launchers"), HasSubstr("GPU 1: "),
                    HasSubstr(absl::StrCat("process ", other))));
}

TEST_F(ExecutorResourcesTest, AJobThatCanNeverStartFailsAndTheOthersGoOn) {
  HaveGpus({"0"});
  AddRun(8);
  AddRun(1);
  const Execution execution = Run(GpuWorker(0));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(execution.ends[0].cause,
              HasSubstr("takes 8 GPUs, and 1 can be used here"));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kDone);
}

TEST_F(ExecutorResourcesTest, SynthesisIsToldItsThreads) {
  Job& job = AddRun(0);
  job.launch.mutable_synthesis();
  job.launch.mutable_forecast()->set_processors(7);
  Run(ScriptWorker("result"));
  ASSERT_OK_AND_ASSIGN(
      const LaunchPlan launch,
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job.dir, 1))));
  EXPECT_EQ(launch.threads(), 7);
}

TEST_F(ExecutorResourcesTest, MemoryLimitsTheJobsAtOnce) {
  options_.resources.memory_bytes = 10'000'000'000;
  options_.resources.free_memory_bytes = 9'000'000'000;
  for (int i = 0; i < 3; ++i) {
    AddRun(0).launch.mutable_forecast()->set_memory_bytes(4'000'000'000);
  }
  AddRun(0).launch.mutable_forecast()->set_memory_bytes(20'000'000'000);
  const Execution execution = Run(ScriptWorker("sleep 0.3; result"));
  EXPECT_EQ(recorder_.events[0], "start 0");
  EXPECT_EQ(recorder_.events[1], "start 1");
  EXPECT_THAT(recorder_.events[2], HasSubstr("end 3")) << "never fits";
  EXPECT_THAT(recorder_.events[3], HasSubstr("end"));
  EXPECT_EQ(execution.ends[2].kind, JobEnd::kDone);
  EXPECT_THAT(execution.ends[3].cause, HasSubstr("20 GB of memory"));
}

// Job 1 is killed in its first attempt, as the kernel does it: the counter is
// up before the process is gone. The other one waits until that was seen.
std::string KilledOnce(const std::string& log, const std::string& again,
                       absl::string_view kill) {
  return ScriptWorker(absl::StrCat("case $id$attempt in\n  1*0001) ", kill,
                                   " ;;\n  0*) while [ ! -e ", again,
                                   " ]; do sleep 0.02; done ;;\nesac\nresult"));
}

TEST_F(ExecutorResourcesTest, AKillForMemoryMeansFewerAtATimeAndAnotherTry) {
  AddRun(0);
  AddRun(0);
  const Execution execution =
      Run(KilledOnce(log_, recorder_.again_file,
                     absl::StrCat("printf x >> ", log_, ".kills; kill -9 $$")));
  EXPECT_THAT(recorder_.events, ElementsAre("start 0", "start 1", "again 1",
                                            "end 0", "start 1", "end 1"));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kDone);
  ASSERT_THAT(recorder_.reasons, SizeIs(1));
  EXPECT_THAT(recorder_.reasons[0],
              AllOf(HasSubstr("memory ran out"),
                    HasSubstr("from now on at most 1 at a time")));
  ASSERT_OK_AND_ASSIGN(
      const Outcome outcome,
      ReadTextproto<Outcome>(OutcomePath(AttemptDir(plan_.jobs[1].dir, 1))));
  EXPECT_TRUE(outcome.out_of_memory());
}

TEST_F(ExecutorResourcesTest, SoDoesARankThatSaysMemory) {
  AddRun(0);
  AddRun(0);
  const Execution execution = Run(KilledOnce(
      log_, recorder_.again_file,
      "echo 'transect_worker: MEMORY: memory ran out' >&2; exit 73"));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kDone);
  EXPECT_THAT(recorder_.reasons, SizeIs(1));
}

TEST_F(ExecutorResourcesTest, AloneItIsAFailureThatSaysSo) {
  AddRun(0);
  const Execution execution = Run(ScriptWorker(
      absl::StrCat("printf x >> ", log_, ".kills; kill -9 $$; sleep 9")));
  EXPECT_THAT(recorder_.events, ElementsAre("start 0", "end 0"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(execution.ends[0].cause,
              AllOf(HasSubstr("memory ran out"), HasSubstr("it ran alone")));
}

TEST_F(ExecutorResourcesTest, AKillThatTheKernelDidNotDoIsAFailure) {
  AddRun(0);
  AddRun(0);
  Put(recorder_.again_file, "");
  const Execution execution =
      Run(KilledOnce(log_, recorder_.again_file, "kill -9 $$; sleep 9"));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kFailed);
  EXPECT_THAT(recorder_.reasons, IsEmpty());
  EXPECT_THAT(execution.ends[1].cause,
              AllOf(HasSubstr("may have run out"), Not(HasSubstr("alone"))));
}

// With activation checkpointing, which changes no bit and no id.
TEST_F(ExecutorResourcesTest, WhoRanOutAloneGetsOneAttemptThatRecomputes) {
  AddTraining();
  const Execution execution = Run(ScriptWorker(
      "grep -q RECOMPUTE \"$launch\" && result && exit 0\n"
      "echo 'transect_worker: MEMORY: memory ran out' >&2; exit 73"));
  EXPECT_THAT(recorder_.events,
              ElementsAre("start 0", "again 0", "start 0", "end 0"));
  EXPECT_EQ(execution.ends[0].kind, JobEnd::kDone);
  EXPECT_THAT(recorder_.reasons,
              ElementsAre(HasSubstr("once more with activation checkpointing, "
                                    "which gives the same bits")));
}

TEST_F(ExecutorResourcesTest, WhoRunsOutAgainFailed) {
  const Job& job = AddTraining();
  const std::string worker = ScriptWorker(
      "echo 'transect_worker: MEMORY: memory ran out' >&2; exit 73");
  EXPECT_EQ(Run(worker).ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(Attempts(job.dir), SizeIs(2));
  // Another launcher starts where this one left.
  recorder_.events.clear();
  EXPECT_EQ(Run(worker).ends[0].kind, JobEnd::kFailed);
  EXPECT_THAT(recorder_.events, ElementsAre("start 0", "end 0"));
  EXPECT_THAT(*ReadFile(LaunchPath(AttemptDir(job.dir, 3))),
              HasSubstr("activations: RECOMPUTE"));
}

// Fewer jobs give a GPU no more memory.
TEST_F(ExecutorResourcesTest, TheMemoryOfAGpuIsAFailureAtOnce) {
  HaveGpus({"0", "1"});
  AddRun(1);
  AddRun(1);
  Put(recorder_.again_file, "");
  const Execution execution =
      Run(KilledOnce(log_, recorder_.again_file,
                     "echo 'transect_worker: MEMORY: CUDA' >&2; exit 73"));
  EXPECT_EQ(execution.ends[1].kind, JobEnd::kFailed);
  EXPECT_THAT(recorder_.reasons, IsEmpty());
}

}  // namespace
}  // namespace transect
