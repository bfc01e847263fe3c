// Watching, stopping and certifying runs, as people do it:
// `transect status -w`, `cancel`, `logs`, `fails`, `show` and `certify`.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A terminal of 24 lines of 100 columns; what is written to it can be read.
class Terminal {
 public:
  Terminal() {
    winsize size = {24, 100, 0, 0};
    EXPECT_EQ(openpty(&master_, &own_, nullptr, nullptr, &size), 0);
    EXPECT_EQ(fcntl(master_, F_SETFL, O_NONBLOCK), 0);
  }
  ~Terminal() {
    close(own_);
    close(master_);
  }
  Terminal(const Terminal&) = delete;

  int descriptor() const { return own_; }
  void Type(const std::string& text) const {
    EXPECT_EQ(write(master_, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  // All that was written until now.
  const std::string& Read() {
    char bytes[4096];
    for (ssize_t n = 0; (n = read(master_, bytes, sizeof(bytes))) > 0;) {
      text_.append(bytes, static_cast<size_t>(n));
    }
    return text_;
  }

 private:
  int master_ = -1;
  int own_ = -1;
  std::string text_;
};

// Whether the condition becomes true within a minute; a rank may take its time
// to start.
template <typename Condition>
bool Soon(Condition condition) {
  for (int i = 0; i < 6; ++i) {
    if (Eventually(condition)) return true;
  }
  return false;
}

// The only run in the store: its directory.
std::string RunDirOf(const std::string& store) {
  std::string found;
  for (const std::string& dir : JobDirs(store)) {
    if (absl::StrContains(dir, "/runs/")) found = dir;
  }
  return found;
}

std::string IdOf(const std::string& run_dir) {
  return std::filesystem::path(run_dir).parent_path().filename().string();
}

// Whether the newest attempt has logged a step.
bool HasSteps(const std::string& store) {
  const std::string dir = RunDirOf(store);
  if (dir.empty() || Attempts(dir).empty()) return false;
  const std::string log =
      absl::StrCat(AttemptDir(dir, Attempts(dir).back()), "/rank00000.metrics");
  return ReadFile(log).value_or("").size() > 200;
}

TEST(WatchTest, ATerminalShowsTheTableUntilAllRunsAreDone) {
  setenv("TERM", "xterm", 1);
  const std::string experiment = TinyExperiment();
  const std::string store = NewStore({"inputs"});
  Started run({"run", experiment, "#1", "--store", store});
  Terminal terminal;
  Started watch({"status", "-w", experiment, "#1", "--store", store},
                terminal.descriptor());
  EXPECT_EQ(run.Wait().code, 0);
  // What it writes has to be read.
  bool shown =
      Soon([&] { return absl::StrContains(terminal.Read(), "1 run: 1 done"); });
  EXPECT_TRUE(shown) << terminal.Read();
  EXPECT_EQ(watch.Wait().code, 0);
  const std::string& screen = terminal.Read();
  // Each picture but the first begins above the one before.
  EXPECT_THAT(screen, HasSubstr("A\r"));
  EXPECT_THAT(screen, HasSubstr("\x1b[K"));
  EXPECT_THAT(screen, HasSubstr("base seed 1"));
}

TEST(WatchTest, ElsewhereALineIsPrintedForEachChange) {
  const std::string experiment = TinyExperiment();
  const Ended ended =
      Transect({"status", "-w", experiment, "--store", FilledStore()});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("done      "), HasSubstr("  base seed 1\n"),
                    Not(HasSubstr("\x1b"))));
}

TEST(WatchTest, AWatchIsNotForScripts) {
  const Ended ended = Transect({"status", "-w", "--format", "json",
                                TinyExperiment(), "--store", FilledStore()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("until transect status -q"));
}

TEST(WatchTest, WithoutAnExperimentAllRunsOfTheStoreAreShown) {
  const Ended ended = Transect({"status", "--store", FilledStore()});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("4 runs: 4 done\n"));
  EXPECT_THAT(ended.out, HasSubstr("tiny: rank=2 seed 2"));
}

TEST(WatchTest, NobodyWorksOnWhatIsOpen) {
  const Ended ended =
      Transect({"status", "-w", TinyExperiment(), "--store", NewStore()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("start them with: "));
}

// What the launcher that works on it makes of a request to stop.
TEST(CancelTest, ARunStopsWithACheckpointAndGoesOnWithTheNextRun) {
  const std::string experiment =
      TinyExperiment({{"steps: 5", "steps: 100000"}});
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> run = {"run",    experiment, "#1",      "#2",
                                        "--jobs", "1",        "--store", store};
  {
    Started first(run);
    ASSERT_TRUE(Soon([&] { return HasSteps(store); }));
    // The second one waits for the first.
    const Ended asked = Transect({"cancel", "--spec", experiment, "#1", "#2",
                                  "--yes", "--store", store});
    EXPECT_EQ(asked.code, 0);
    EXPECT_THAT(asked.out, HasSubstr("stops with a checkpoint: "));
    EXPECT_THAT(asked.out, HasSubstr("is left out by launchers"));
    const Ended ended = first.Wait();
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, HasSubstr("cancelled"));
  }
  EXPECT_THAT(Workers(store), IsEmpty());
  const std::string dir = RunDirOf(store);
  EXPECT_FALSE(
      ListDirectory(AttemptDir(dir, 1) + "/checkpoints").value().empty());
  const Ended status = Transect({"status", experiment, "--store", store});
  EXPECT_THAT(status.out, HasSubstr("4 runs: 2 new, 2 cancelled\n"));
  // Somebody wants it again.
  Started second({"run", experiment, "#1", "--store", store});
  ASSERT_TRUE(
      Soon([&] { return Attempts(dir).size() == 2 && HasSteps(store); }));
  const Ended logs = Transect({"logs", IdOf(dir), "--store", store});
  EXPECT_THAT(logs.out, HasSubstr("went on from step "));
  const Ended page = Transect({"show", IdOf(dir), "--store", store});
  EXPECT_THAT(page.out, AllOf(HasSubstr("running"),
                              HasSubstr("attempt 1 stopped: cancelled"),
                              HasSubstr("attempt 2 began on ")));
  kill(second.pid(), SIGINT);
  second.Wait();
}

TEST(CancelTest, ATerminalIsAskedAndAnythingElseRefused) {
  const std::string experiment = TinyExperiment();
  const std::string store = NewStore();
  const std::vector<std::string> cancel = {"cancel", "--spec", experiment,
                                           "--store", store};
  const Ended refused = Transect(cancel);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--yes stops these 4"));
  EXPECT_FALSE(FileExists(store + "/runs"));
  for (const bool yes : {false, true}) {
    Terminal terminal;
    Started asking(cancel, -1, terminal.descriptor(), terminal.descriptor());
    EXPECT_TRUE(Soon(
        [&] { return absl::StrContains(terminal.Read(), "stop 4 runs?"); }));
    terminal.Type(yes ? "y\n" : "\n");
    EXPECT_EQ(asking.Wait().code, yes ? 0 : 2);
    EXPECT_EQ(FileExists(store + "/runs"), yes);
  }
}

TEST(FailsTest, EqualCausesAreTogether) {
  // Steps that overflow at once.
  const std::string experiment =
      TinyExperiment({{"log_every: 1", "log_every: 1 optimizer { lr: 1e30 }"}});
  const std::string store = NewStore({"inputs"});
  EXPECT_EQ(Transect({"run", experiment, "--store", store}).code, 2);
  const Ended fails = Transect({"fails", experiment, "--store", store});
  EXPECT_EQ(fails.code, 2);
  EXPECT_THAT(fails.out, HasSubstr("4 jobs  NON_FINITE\n"));
  EXPECT_THAT(fails.out, HasSubstr("  cause  "));
  EXPECT_THAT(fails.out, HasSubstr("for 1 cause\n"));
  EXPECT_THAT(Transect({"fails", "--store", store}).out,
              HasSubstr("4 jobs  NON_FINITE\n"));
  EXPECT_EQ(Transect({"fails", "--store", FilledStore()}).code, 0);
}

TEST(LogsTest, AFinishedRunIsFollowedToItsEnd) {
  const std::string id = IdOf(RunDirOf(FilledStore()));
  const Ended logs = Transect({"logs", id, "-f", "--store", FilledStore()});
  EXPECT_EQ(logs.code, 0);
  EXPECT_THAT(logs.out, HasSubstr("step 5/5  loss "));
  const Ended json =
      Transect({"logs", id, "--format", "json", "--store", FilledStore()});
  EXPECT_THAT(json.out,
              HasSubstr("{\"attempt\":1,\"rank\":0,\"text\":\"step 1"));
  const Ended rank =
      Transect({"logs", id, "--rank", "7", "--store", FilledStore()});
  EXPECT_EQ(rank.code, 1);
  EXPECT_THAT(rank.err, HasSubstr("has ranks 0 to 0"));
}

TEST(CertifyTest, ARunGivesTheSameBitsAlsoOverAKill) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDirOf(store);
  const Ended certified = Transect({"certify", IdOf(dir), "--store", store});
  EXPECT_EQ(certified.code, 0) << certified.err;
  EXPECT_THAT(certified.out, AllOf(HasSubstr("the same  weights.safetensors"),
                                   HasSubstr("the same  metric series"),
                                   HasSubstr("the same  items of val"),
                                   HasSubstr(", went on from step "),
                                   HasSubstr("certified ")));
  EXPECT_FALSE(FileExists(store + "/certify/" + IdOf(dir)));
  EXPECT_EQ(Attempts(dir).size(), 1u);
  EXPECT_THAT(Transect({"show", IdOf(dir), "--store", store}).out,
              HasSubstr("trained again 2 times with the same bits"));
  // Of two seeds the other one is not.
  const std::string experiment = TinyExperiment();
  EXPECT_THAT(Transect({"report", experiment, "--store", store}).out,
              Not(HasSubstr("✓")));
  int certified_alone = 0;
  for (const char* run : {"#1", "#2", "#3", "#4"}) {
    certified_alone += absl::StrContains(
        Transect({"report", experiment, run, "--store", store}).out,
        " is certified: each run was trained twice more");
  }
  EXPECT_EQ(certified_alone, 1);
}

// The run has other numbers than its code and spec give.
TEST(CertifyTest, WhatDiffersIsNamedAndNotCertified) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string dir = RunDirOf(store);
  const std::string path = dir + "/weights.safetensors";
  std::string weights = *ReadFile(path);
  weights.back() ^= 1;
  ASSERT_TRUE(WriteFileAtomic(path, weights).ok());
  Put(dir + "/certificate.textproto", "id: 'old'");
  const Ended certified = Transect({"certify", IdOf(dir), "--store", store});
  EXPECT_EQ(certified.code, 2) << certified.err;
  EXPECT_THAT(certified.out,
              HasSubstr("from nothing: weights.safetensors differs"));
  EXPECT_FALSE(FileExists(dir + "/certificate.textproto"));
}

}  // namespace
}  // namespace transect
