// Launchers in containers of their own share one store, and are killed again
// and again: each run is done once and none is lost, also where the store's
// locks fail or exclude nobody.
//
// TRANSECT_ROUNDS sets the number of kills for each kind of file system;
// `bazel test --test_env=TRANSECT_ROUNDS=30 --test_timeout=3600` is the long
// form.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/store/check_job.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

int Rounds() {
  const char* const text = getenv("TRANSECT_ROUNDS");
  int rounds = 0;
  return text != nullptr && absl::SimpleAtoi(text, &rounds) ? rounds : 3;
}

// A shell command in a process namespace of its own, which dies with it: the
// processes in it have the same numbers each time, as in containers.
class Container {
 public:
  explicit Container(const std::string& command) : pid_(fork()) {
    if (pid_ == 0) {
      setpgid(0, 0);
      std::vector<std::string> words = {
          "unshare", "--user",       "--map-root-user",      "--pid",
          "--fork",  "--mount-proc", "--kill-child=SIGKILL", "sh",
          "-c",      command};
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execvp(argv[0], argv.data());
      _exit(126);
    }
  }
  ~Container() {
    if (pid_ > 0) Kill();
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void Kill() {
    kill(pid_, SIGKILL);
    Wait();
  }

 private:
  pid_t pid_;
};

bool HasContainers() { return Container("exit 7").Wait() == 7; }

// The program, under the preload if something is lacking, run in the store.
std::string RunCommand(const std::string& experiment, const std::string& store,
                       const std::string& lacks, const std::string& log) {
  const std::string site = absl::StrCat(log, ".site");
  Put(site, "lease_seconds: 3\n");
  std::string environment;
  if (!lacks.empty()) {
    absl::StrAppend(
        &environment, "LD_PRELOAD=",
        fs::absolute("tests/testing/libpoor_file_system.so").string(),
        " TRANSECT_TEST_LACKS=", ShellQuoted({lacks}),
        " TRANSECT_TEST_LACKS_AT=", store, " ");
  }
  return absl::StrCat(environment,
                      ShellQuoted({fs::absolute("launch/cli/transect").string(),
                                   "run", experiment, "--store", store,
                                   "--site", site, "--jobs", "2"}),
                      " >> ", log, " 2>&1");
}

// Each job has one result, whose files are those of its attempt; no attempt
// trained after it, and none began after all was done.
void ExpectEachDoneOnce(const std::string& store) {
  const std::vector<std::string> jobs = JobDirs(store);
  EXPECT_EQ(jobs.size(), JobDirs(FilledStore()).size());
  for (const std::string& job : jobs) {
    const auto result = ReadTextproto<Result>(ResultPath(job));
    ASSERT_THAT(result, IsOk()) << job;
    const int last = Attempts(job).back();
    for (int later = result->attempt() + 1; later <= last; ++later) {
      EXPECT_FALSE(FileExists(RankMetricsPath(AttemptDir(job, later), 0)))
          << job;
    }
    ASSERT_OK_AND_ASSIGN(
        const LaunchPlan launch,
        ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job, last))));
    EXPECT_THAT(AttemptsThatCount(job, EvaluationsOf(launch)), Contains(last))
        << job;
    for (const ResultFile& file : result->file()) {
      EXPECT_THAT(Sha256OfFile(absl::StrCat(job, "/", file.path())),
                  IsOkAndHolds(file.sha256()))
          << file.path();
    }
    // A launcher that was killed after the last rename leaves it, empty.
    const std::string staging = StagingDir(AttemptDir(job, last));
    EXPECT_TRUE(!FileExists(staging) || fs::is_empty(staging)) << staging;
    ASSERT_OK_AND_ASSIGN(const std::vector<std::string> names,
                         ListDirectory(job));
    for (const std::string& name : names) {
      EXPECT_EQ(name.find(".tmp."), std::string::npos) << job << "/" << name;
    }
  }
}

class SharedStoreTest : public testing::TestWithParam<const char*> {};

TEST_P(SharedStoreTest, KilledLaunchersInContainersLoseAndRepeatNothing) {
  if (!HasContainers()) {
    GTEST_SKIP() << "this machine allows no user and process namespaces";
  }
  const std::string lacks = GetParam();
  const std::string experiment = TinyExperiment();
  const std::string store = NewStore();
  const std::string log = NewDir() + "/log";
  const std::string command = RunCommand(experiment, store, lacks, log);
  // The seed of the kills, for repeating a failure.
  const uint32_t seed = std::random_device()();
  RecordProperty("seed", absl::StrCat(seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> milliseconds(300, 4000);
  for (int round = 0; round < Rounds(); ++round) {
    Container first(command);
    Container second(command);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(milliseconds(random)));
    (round % 2 == 0 ? first : second).Kill();
    std::this_thread::sleep_for(
        std::chrono::milliseconds(milliseconds(random)));
  }
  Container first(command);
  Container second(command);
  const int codes[] = {first.Wait(), second.Wait()};
  EXPECT_EQ(codes[0], 0) << *ReadFile(log) << "seed " << seed;
  EXPECT_EQ(codes[1], 0) << *ReadFile(log) << "seed " << seed;
  ExpectEachDoneOnce(store);
  const Ended report = Transect({"report", experiment, "--store", store});
  EXPECT_EQ(report.out, FilledReport());
}

INSTANTIATE_TEST_SUITE_P(FileSystems, SharedStoreTest,
                         testing::Values("", "nolock link noreplace",
                                         "freelock syncfs fsyncdir"),
                         [](const auto& info) {
                           return absl::StrCat("Kind", info.index);
                         });

// The launcher alone on a file system that lacks everything.
TEST(PoorStoreTest, RunsFromNothingWithoutLinksLocksModesAndSync) {
  const std::string store = NewDir() + "/store";
  const std::string log = NewDir() + "/log";
  const std::string command =
      RunCommand(TinyExperiment({{"seeds: [1, 2]", "seeds: [1]"}}), store,
                 "link noreplace chmod fsyncdir syncfs nolock", log);
  EXPECT_EQ(WEXITSTATUS(system(command.c_str())), 0) << *ReadFile(log);
  // Copies: the store has no second name of any file.
  for (const auto& entry : fs::recursive_directory_iterator(store)) {
    if (entry.is_regular_file() && !entry.is_symlink()) {
      EXPECT_EQ(entry.hard_link_count(), 1u) << entry.path();
    }
  }
}

TEST(PoorStoreTest, ALimitOnTheSizeOfFilesIsAnErrorThatNamesTheFile) {
  const std::string store = NewDir() + "/store";
  const std::string log = NewDir() + "/log";
  const std::string command = absl::StrCat(
      "ulimit -f 300; ", RunCommand(TinyExperiment(), store, "", log));
  EXPECT_EQ(WEXITSTATUS(system(command.c_str())), 1);
  EXPECT_THAT(*ReadFile(log), AllOf(HasSubstr("cannot write " + store + "/"),
                                    HasSubstr(": File too large")));
  EXPECT_THAT(JobDirs(store), IsEmpty());
  EXPECT_EQ(
      WEXITSTATUS(system(RunCommand(TinyExperiment(), store, "", log).c_str())),
      0)
      << *ReadFile(log);
}

TEST(PoorStoreTest, AStoreThatForbidsExecutionIsRefusedBeforeAnythingIsMade) {
  if (!HasContainers()) {
    GTEST_SKIP() << "this machine allows no user and process namespaces";
  }
  const std::string dir = NewDir();
  const std::string log = NewDir() + "/log";
  const std::string command =
      absl::StrCat("mount -t tmpfs -o noexec,size=1m tmpfs ", dir, " && { ",
                   RunCommand(TinyExperiment(), dir + "/store", "", log),
                   "; code=$?; ls -A ", dir, " >> ", log, "; exit $code; }");
  EXPECT_EQ(Container(command).Wait(), 1);
  EXPECT_EQ(*ReadFile(log),
            absl::StrCat("store ", dir,
                         "/store: its file system forbids to execute files "
                         "(mounted noexec), and the worker runs from the "
                         "store; name a directory elsewhere with --store\n"));
}

}  // namespace
}  // namespace transect
