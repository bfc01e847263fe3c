// Trainings that are killed at every kind of instant end as one that nobody
// touched: the same weights, the same metric series, the same evaluation.
//
// A kill is aimed: a call of the file layer stops the rank that makes it
// (data/io/file_fault.h), so what dies is alive and known to be there.

#include <signal.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "experiments/training/training.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"
#include "metrics/training_series.h"
#include "tests/multiprocess/worker_job.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// State of a process as the kernel gives it: 'R', 'S', 'T' for stopped, 'Z' for
// dead and not waited for.
char StateOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::stringstream text;
  text << file.rdbuf();
  const std::string line = text.str();
  // "PID (NAME) STATE ..."; a name may contain blanks.
  const size_t end = line.rfind(')');
  return end == std::string::npos || end + 2 >= line.size() ? 'X'
                                                            : line[end + 2];
}

// Waits until the rank is stopped; false if it ends instead.
bool AwaitStop(const Job& job, int rank) {
  while (true) {
    const char state = StateOf(job.pid(rank));
    if (state == 'T') return true;
    if (state == 'Z' || state == 'X') return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

// One instant: rank `stopped` stops in the `nth` call of `operation` on a path
// that contains `path`; then `killed` gets SIGKILL.
struct Instant {
  std::string operation;
  std::string path;
  int nth = 1;
  int stopped = 0;
  int killed = 0;
};

// Starts an attempt and kills it there.
void KillAt(const Instant& instant, Job* job) {
  const std::string fault = absl::StrCat(instant.operation, " ", instant.path,
                                         " ", instant.nth, " stop");
  SCOPED_TRACE(absl::StrCat(fault, " in ", job->plan().attempt_dir()));
  setenv("TRANSECT_FILE_FAULT", fault.c_str(), 1);
  job->Start();
  unsetenv("TRANSECT_FILE_FAULT");
  const bool stopped = AwaitStop(*job, instant.stopped);
  EXPECT_TRUE(stopped) << job->LastLine(instant.stopped);
  const char living = StateOf(job->pid(instant.killed));
  EXPECT_TRUE(living == 'R' || living == 'S' || living == 'T') << living;
  job->Signal(instant.killed, SIGKILL);
  if (instant.stopped != instant.killed) {
    job->Signal(instant.stopped, SIGCONT);
  }
  for (int rank = 0; rank < job->plan().ranks(); ++rank) {
    EXPECT_EQ(job->Wait(rank),
              rank == instant.killed ? -SIGKILL : ExitCode::PEER_LOST)
        << job->LastLine(rank);
  }
  job->NextAttempt();
}

// The series of the attempt that trained; later ones may have evaluated only.
std::vector<std::string> StepsOf(const Job& job) {
  const ResultCheck check = job.Check();
  EXPECT_EQ(check.state, ResultCheck::kValid) << check.problem;
  const auto series = ReadTrainingSeries(MetricsOfAttempts(job.job_dir()),
                                         check.result.attempt());
  EXPECT_THAT(series, IsOk());
  if (!series.ok()) return {};
  EXPECT_THAT(series->problems, IsEmpty());
  return TimelessSteps(*series);
}

std::map<int64_t, std::string> Items(const Job& job) {
  std::map<int64_t, std::string> items;
  for (const auto& [id, item] : job.EvalItems()) {
    items[id] = item.SerializeAsString();
  }
  return items;
}

Job MakeJob(const std::string& name) {
  Job job = TrainingJob(name);
  job.run()
      .mutable_model()
      ->mutable_rsrefseg()
      ->mutable_sam()
      ->mutable_lora()
      ->set_dropout(0.1);
  job.training().set_logical_shards(2);
  job.training().set_steps(20);
  job.training().mutable_checkpoint()->set_every_steps(2);
  job.training().set_collective_timeout_seconds(60);
  return job;
}

const Job& Untouched() {
  static const Job* const job = [] {
    auto* const made = new Job(MakeJob("untouched"));
    EXPECT_EQ(made->Run(), std::vector<int>{ExitCode::OK});
    return made;
  }();
  return *job;
}

void ExpectAsUntouched(const Job& job) {
  EXPECT_EQ(job.Weights(), Untouched().Weights());
  EXPECT_EQ(StepsOf(job), StepsOf(Untouched()));
  EXPECT_EQ(Items(job), Items(Untouched()));
}

// Killed while it writes records of steps, while it writes a checkpoint, at
// each of its calls, and while it evaluates.
std::vector<Instant> Instants(int ranks) {
  const int last = ranks - 1;
  return {
      {"write", "0001/rank00000.metrics", 5},
      {"open", "/step-", 1},
      {"write", "/rank00000.metrics", 6, 0, last},
      {"write", "/step-", 1},
      {"fsync", "/step-", 2, 0, last},
      {"rename", "/step-", 1},
      {"write", "/rank00000.metrics", 7},
      {"fsyncdir", "/checkpoints", 1, 0, last},
      {"rename", "weights.safetensors", 1},
      {"write", "/rank00000.masks", 2},
      {"write", "/rank00000.masks", 1, 0, last},
      {"write", absl::StrCat("/rank0000", last, ".masks"), 1, last, last},
  };
}

class Chaos
    : public testing::TestWithParam<std::tuple<int, TrainingSpec::Sharding>> {};
INSTANTIATE_TEST_SUITE_P(
    Trainings, Chaos,
    testing::Values(std::make_tuple(1, TrainingSpec::REPLICATED),
                    std::make_tuple(2, TrainingSpec::REPLICATED),
                    std::make_tuple(2, TrainingSpec::ZERO1),
                    std::make_tuple(2, TrainingSpec::ZERO2),
                    // From one number of ranks to the other and back.
                    std::make_tuple(0, TrainingSpec::ZERO2)));

TEST_P(Chaos, EndsAsIfNobodyHadTouchedIt) {
  const auto [ranks, sharding] = GetParam();
  Job job = MakeJob(absl::StrCat("chaos_", ranks, "_",
                                 TrainingSpec::Sharding_Name(sharding)));
  job.training().set_sharding(sharding);
  int kills = 0;
  const auto choose_ranks = [&, ranks = ranks] {
    const int chosen = ranks > 0 ? ranks : 1 + kills % 2;
    job.plan().set_ranks(chosen);
    job.training().set_ranks(chosen);
    return chosen;
  };
  for (size_t i = 0; i < Instants(1).size(); ++i) {
    KillAt(Instants(choose_ranks())[i], &job);
    ++kills;
  }
  const int last = choose_ranks();
  ASSERT_EQ(job.Run(), std::vector<int>(last, ExitCode::OK)) << job.LastLine(0);
  EXPECT_GE(kills, 12);
  ExpectAsUntouched(job);
}

// Where a checkpoint cannot be written the training goes on, and one that dies
// later goes on from those before.
TEST(Checkpoints, FailAtEveryCallAndCostNothing) {
  constexpr int kBrokenDisk = 5;
  constexpr int kNoSpace = 28;
  for (const std::string operation : {"open", "write", "fsync", "rename"}) {
    for (const int error : {kBrokenDisk, kNoSpace}) {
      const std::string fault =
          absl::StrCat(operation, " step-0000000004 1 ", error,
                       "; write rank00000.metrics ", 12, " stop");
      SCOPED_TRACE(fault);
      Job job = MakeJob(absl::StrCat("checkpoint_", operation, error));
      job.training().mutable_checkpoint()->set_every_steps(2);
      setenv("TRANSECT_FILE_FAULT", fault.c_str(), 1);
      job.Start();
      unsetenv("TRANSECT_FILE_FAULT");
      ASSERT_TRUE(AwaitStop(job, 0)) << job.LastLine(0);
      job.Signal(0, SIGKILL);
      EXPECT_EQ(job.Wait(0), -SIGKILL);
      EXPECT_THAT(job.Output(0), HasSubstr("a checkpoint was not written"));
      job.NextAttempt();
      ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
      EXPECT_THAT(job.Output(0), HasSubstr("goes on after step"));
      ExpectAsUntouched(job);
    }
  }
}

}  // namespace
}  // namespace transect
