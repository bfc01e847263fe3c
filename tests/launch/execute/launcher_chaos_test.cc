// Launchers that are killed at every write, and many of them on one store: the
// same command recovers, each run has one result, and nothing is done twice.
//
// Ranks are scripts. A launcher is this program with --launch; data/io's faults
// enumerate its writes: the N-th is where it is killed, for N = 1, 2, ... until
// it has no N-th. TRANSECT_CHAOS_STEP is the step between two such N; the suite
// takes some of them.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/local_executor.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/ledger_observer.h"
#include "launch/ledger/sweep_end.h"
#include "launch/plan/plan.h"
#include "launch/slurm/run_states.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

std::string& Self() {
  static std::string* const path = new std::string;
  return *path;
}

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = getenv(name);
  int value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

// An input and `runs` runs that need it.
Plan PlanOf(const Store& store, int runs) {
  Plan plan;
  plan.code = kRunCode;
  plan.expansion.name = "chaos";
  for (int i = 0; i <= runs; ++i) {
    Job& job = AddWantedRun(store, &plan);
    job.id = Sha256(absl::StrCat(i)).substr(0, 32);
    job.launch.set_id(job.id);
    job.dir = store.RunDir(job.id, kRunCode);
    plan.expansion.spec_ids.back() = job.id;
    if (i > 0) job.needs = {0};
  }
  return plan;
}

// What a launcher does: `transect run`, without what surrounds it.
int Launch(const std::string& root, const std::string& worker, int runs) {
  const absl::StatusOr<Store> store = Store::OpenOrCreate(root);
  if (!store.ok()) return 1;
  Plan plan = PlanOf(*store, runs);
  for (Job& job : plan.jobs) {
    RefreshState(*store, plan.code, &job);
    job.wanted = job.state != JobState::kDone;
  }
  LedgerStart start;
  start.set_kind(LedgerStart::LOCAL);
  start.set_experiment(plan.expansion.name);
  start.set_code(plan.code);
  LedgerWriter ledger(*store, start);
  Recorder recorder;
  LedgerObserver observer(
      plan, &ledger, /*requeues=*/false, [](const absl::Status&) {}, &recorder);
  ExecutorOptions options;
  options.worker = worker;
  options.jobs = 2;
  options.look_every = std::chrono::milliseconds(300);
  const Execution execution = ExecuteLocally(options, *store, &plan, &observer);
  if (!execution.launcher_error.ok()) {
    fprintf(stderr, "%s\n",
            std::string(execution.launcher_error.message()).c_str());
    return 1;
  }
  for (const Job& job : plan.jobs) {
    if (job.state != JobState::kDone) return 2;
  }
  const SweepEnd end = EndOf(plan);
  const absl::StatusOr<bool> first = ClaimEnd(*store, plan, end);
  if (first.ok() && *first) {
    RunOnEnd(absl::StrCat("echo $TRANSECT_DONE of $TRANSECT_RUNS >> ", root,
                          "/../ended"),
             *store, plan, end)
        .IgnoreError();
  }
  return 0;
}

class Chaos : public testing::Test {
 protected:
  // The worker writes down what it publishes, and whether another attempt of
  // its job lives.
  Chaos()
      : directory_(NewDir()),
        root_(directory_ + "/store"),
        worker_(ScriptWorker(absl::StrCat(
            "if [ -e live ] && grep -q worker /proc/$(cat live)/cmdline "
            "2>/dev/null; then echo two $id "
            ">> ",
            directory_,
            "/doubled; fi; echo $$ > live; sleep 0.0$((${#id} % "
            "7)); [ ! -e result.textproto ] || echo again $id >> ",
            directory_, "/doubled; result; echo $id >> ", directory_,
            "/published; rm -f live"))) {}

  pid_t Start(int runs, const std::string& fault = "") {
    const pid_t pid = fork();
    if (pid == 0) {
      if (!fault.empty()) {
        setenv("TRANSECT_FILE_FAULT", fault.c_str(), 1);
      }
      execl(Self().c_str(), Self().c_str(), "--launch", root_.c_str(),
            worker_.c_str(), absl::StrCat(runs).c_str(), nullptr);
      _exit(127);
    }
    return pid;
  }
  static int Wait(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  int Lines(const std::string& name) const {
    const std::string text =
        ReadFile(absl::StrCat(directory_, "/", name)).value_or("");
    return static_cast<int>(std::ranges::count(text, '\n'));
  }

  void ExpectDoneOnce(int runs) {
    const Store store = *Store::Open(root_);
    Plan plan = PlanOf(store, runs);
    for (Job& job : plan.jobs) {
      RefreshState(store, plan.code, &job);
      EXPECT_EQ(job.state, JobState::kDone) << job.note;
    }
    // A worker that is killed right after it published does not say so.
    EXPECT_LE(Lines("published"), runs + 1);
    EXPECT_EQ(ReadFile(directory_ + "/doubled").value_or(""), "");
    const auto states = StatesOfRuns(store, plan, /*ask=*/false);
    ASSERT_THAT(states, IsOk());
    for (const RunStatus& status : states->runs) {
      EXPECT_EQ(status.state, RunState::kDone);
    }
  }

  const std::string directory_;
  const std::string root_;
  const std::string worker_;
};

TEST_F(Chaos, TheLauncherMayDieAtEveryWrite) {
  constexpr int kRuns = 2;
  const int step = FromEnvironment("TRANSECT_CHAOS_STEP", 4);
  int points = 0;
  for (int nth = 1;; nth += step) {
    SCOPED_TRACE(absl::StrCat("killed at write ", nth));
    std::filesystem::remove_all(root_);
    for (const char* name : {"/published", "/doubled", "/ended"}) {
      unlink((directory_ + name).c_str());
    }
    const int code =
        Wait(Start(kRuns, absl::StrCat("any ", root_, " ", nth, " kill")));
    if (code == 0) break;
    ASSERT_EQ(code, -SIGKILL);
    ++points;
    // What the dead launcher's ranks still publish is theirs.
    ASSERT_EQ(Wait(Start(kRuns)), 0);
    ExpectDoneOnce(kRuns);
    EXPECT_LE(Lines("ended"), 1);
    if (HasFailure()) break;
  }
  printf("killed at %d writes, each %d-th\n", points, step);
  EXPECT_GE(points * step, 60);
}

TEST_F(Chaos, ManyLaunchersOnOneStoreLoseAndDoubleNothing) {
  constexpr int kRuns = 40;
  constexpr int kLaunchers = 20;
  std::vector<pid_t> launchers;
  for (int i = 0; i < kLaunchers; ++i) launchers.push_back(Start(kRuns));
  // Some are killed.
  usleep(600'000);
  for (int i = 0; i < 5; ++i) kill(launchers[i], SIGKILL);
  for (int i = 0; i < kLaunchers; ++i) {
    const int code = Wait(launchers[i]);
    EXPECT_EQ(code, i < 5 ? -SIGKILL : 0) << "launcher " << i;
  }
  ExpectDoneOnce(kRuns);
  EXPECT_EQ(Lines("ended"), 1);
}

TEST_F(Chaos, ADiskThatIsFullIsOneLineAndTheSameCommandRecovers) {
  for (const int error : {28, 30, 13, 5}) {
    SCOPED_TRACE(absl::StrCat("errno ", error));
    std::filesystem::remove_all(root_);
    unlink((directory_ + "/published").c_str());
    const int code = Wait(Start(2, absl::StrCat("write attempts/ * ", error,
                                                "; mkdir ledger * ", error)));
    EXPECT_EQ(code, 1);
    EXPECT_EQ(Wait(Start(2)), 0);
    ExpectDoneOnce(2);
  }
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  if (argc == 5 && std::string(argv[1]) == "--launch") {
    return transect::Launch(argv[2], argv[3], atoi(argv[4]));
  }
  transect::Self() = std::filesystem::absolute(argv[0]).string();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
