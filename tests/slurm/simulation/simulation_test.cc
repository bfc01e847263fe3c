// Sweeps on a simulated Slurm (slurm.py) of many nodes, with faults at a
// hundred times the published rates: the code that submits and the worker slots
// are the product's, ranks are scripts (srun).
//
// TRANSECT_SIMULATION="RUNS NODES" chooses the size, small in the suite. By
// hand, a quarter of an hour:
//   export TRANSECT_SIMULATION="10000 512"
//   bazel run //tests/slurm/simulation:simulation_test
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/ledger.h"
#include "launch/plan/plan.h"
#include "launch/slurm/program.h"
#include "launch/slurm/run_states.h"
#include "launch/slurm/slot.h"
#include "launch/slurm/slurm_executor.h"
#include "launch/slurm/sweep.h"
#include "launch/store/bundle.h"
#include "launch/store/code.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string& Self() {
  static std::string* const path = new std::string;
  return *path;
}

struct Size {
  int runs = 300;
  int nodes = 24;
  // Of a run, in milliseconds.
  int shortest = 300;
  int longest = 1300;
};

// One hour of a run is so many seconds here.
double SecondsPerHour(const Size& size) {
  // A run takes three to eight hours.
  return size.longest / 1000.0 / 8;
}

Size ChosenSize() {
  Size size;
  const char* const text = getenv("TRANSECT_SIMULATION");
  if (text == nullptr) return size;
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  EXPECT_TRUE(words.size() == 2 && absl::SimpleAtoi(words[0], &size.runs) &&
              absl::SimpleAtoi(words[1], &size.nodes))
      << text;
  size.shortest = 8000;
  size.longest = 22000;
  return size;
}

// The controller, for the time of a test.
class Controller {
 public:
  Controller(const std::string& directory, const std::string& options)
      : directory_(directory) {
    // Of its jobs too.
    setenv("SIMULATION", directory.c_str(), 1);
    pid_ = fork();
    if (pid_ == 0) {
      const std::string program =
          fs::absolute("tests/slurm/simulation/slurm.py").string();
      execl("/usr/bin/python3", "python3", program.c_str(), directory.c_str(),
            options.c_str(), nullptr);
      _exit(127);
    }
    EXPECT_TRUE(Eventually([&] { return FileExists(directory + "/port"); }));
    fs::copy_file("tests/slurm/simulation/srun", directory + "/bin/srun");
    setenv("PATH", absl::StrCat(directory, "/bin:/usr/bin:/bin").c_str(), 1);
  }
  ~Controller() { Stop(); }

  // What was asked and what happened, "name": number.
  std::string Stop() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
      pid_ = 0;
    }
    return ReadFile(directory_ + "/counts.json").value_or("");
  }

 private:
  const std::string directory_;
  pid_t pid_ = 0;
};

// A store with a bundle that holds what its code part says, and a program that
// is this one.
struct World {
  explicit World(const Size& size) : World(size, NewDir()) {}
  // A world that is there already is the same again.
  World(const Size& size, const std::string& place)
      : directory(place), store(*Store::OpenOrCreate(directory + "/store")) {
    CodeParts parts;
    const auto add = [&](CodeFile* file, const std::string& path) {
      file->set_path(path);
      file->set_sha256(Sha256(path));
    };
    add(parts.add_binary(), "worker");
    add(parts.add_library(), "library.so");
    const std::string code = CodeDigest(parts);
    // Jobs may be reading one that is there.
    if (!FileExists(ProgramPath(store, "simulated"))) MakePrograms(parts);
    plan.code = code;
    plan.expansion.name = "simulated";
    for (int i = 0; i < size.runs; ++i) {
      Job& job = plan.jobs.emplace_back();
      job.id = Sha256(absl::StrCat("run ", i)).substr(0, 32);
      job.name = absl::StrCat("run ", i);
      job.dir = store.RunDir(job.id, code);
      job.launch.set_id(job.id);
      job.launch.set_code(code);
      job.launch.set_ranks(1);
      job.inputs.set_code(code);
      job.wanted = true;
      plan.expansion.runs.emplace_back();
      plan.expansion.spec_ids.push_back(job.id);
      plan.expansion.reads.emplace_back();
    }
    options.parts.program = "simulated";
    options.parts.worker = store.BundleDir(code) + "/worker";
    options.parts.site.set_lease_seconds(3);
    auto& slurm = *options.parts.site.mutable_slurm();
    slurm.set_poll_seconds(1);
    slurm.set_max_slots(size.nodes);
    slurm.set_max_array_size(100);
    // The machine is busy with that many processes.
    options.command_timeout =
        std::chrono::milliseconds(size.nodes > 100 ? 15000 : 2500);
  }

  void MakePrograms(const CodeParts& parts) {
    for (const std::string name : {"worker", "library.so"}) {
      Put(store.BundleDir(CodeDigest(parts)) + "/" + name, name);
    }
    EXPECT_THAT(WriteTextprotoAtomic(
                    CodePartsPath(store.BundleDir(CodeDigest(parts))), parts),
                IsOk());
    const std::string program = ProgramPath(store, "simulated");
    Put(program, absl::StrCat("#!/bin/sh\nexec ", Self(), " \"$@\"\n"));
    EXPECT_EQ(chmod(program.c_str(), 0755), 0);
  }

  std::string directory;
  Store store;
  Plan plan;
  SlurmOptions options;
};

// Seconds that the runs take on so many machines that never fail.
double Ideal(const World& world, const Size& size) {
  double seconds = 0;
  for (const Job& job : world.plan.jobs) {
    const int part = std::stoi(job.id.substr(0, 4), nullptr, 16);
    seconds += (size.shortest + part % (size.longest - size.shortest)) / 1000.0;
  }
  return seconds / size.nodes;
}

int64_t LargestKib() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(Simulation, NothingIsLostOrDoubled) {
  const Size size = ChosenSize();
  World world(size);
  setenv("SHORTEST_MS", absl::StrCat(size.shortest).c_str(), 1);
  setenv("LONGEST_MS", absl::StrCat(size.longest).c_str(), 1);
  const double hour = SecondsPerHour(size);
  // Llama 3: an unexpected failure in 50,700 hours of a GPU. A node has 8.
  const double deaths = 100 * 8 / 50700.0 / hour;
  const double ideal = Ideal(world, size);
  Controller controller(
      world.directory,
      absl::StrCat(
          "{\"nodes\": ", size.nodes, ", \"limit\": ", 24 * hour,
          ", \"deaths\": ", deaths, ", \"preemptions\": ", 1 / (48 * hour),
          ", \"forgotten\": ", 1 / (1000 * hour),
          ", \"lost\": [0], \"deaf\": [[", ideal * 0.4, ", ",
          ideal * 0.4 + (size.nodes > 100 ? 20 : 4), "]], \"failing\": [[",
          ideal * 0.7, ", ", ideal * 0.7 + 2, "]]}"));
  Recorder recorder;
  int submissions = 0;
  const int64_t before = LargestKib();
  const Clock::time_point start = Clock::now();
  const Execution execution =
      ExecuteBySlurm(world.options, world.store, &world.plan, &recorder,
                     [&](const Submission&) { ++submissions; });
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start).count();
  ASSERT_THAT(execution.launcher_error, IsOk());
  int done = 0;
  for (const JobEnd& end : execution.ends) {
    done += IsDone(end);
    if (!IsDone(end)) ADD_FAILURE() << end.cause;
  }
  EXPECT_EQ(done, size.runs);
  const Clock::time_point asked = Clock::now();
  const auto states = StatesOfRuns(world.store, world.plan, /*ask=*/true);
  ASSERT_THAT(states, IsOk());
  const double states_seconds =
      std::chrono::duration<double>(Clock::now() - asked).count();
  for (const RunStatus& status : states->runs) {
    EXPECT_EQ(status.state, RunState::kDone);
  }
  EXPECT_THAT(states->ledger_problems, testing::SizeIs(testing::Le(2000)));
  const std::string counts = controller.Stop();
  const std::string published =
      ReadFile(world.directory + "/published").value_or("");
  // A rank that is killed right after it published does not say so.
  EXPECT_LE(std::ranges::count(published, '\n'), size.runs);
  EXPECT_EQ(ReadFile(world.directory + "/doubled").value_or(""), "");
  printf(
      "%d runs on %d nodes: %.1f s, ideal %.1f s; %d submissions; launcher "
      "%lld KiB and %lld more; states in %.3f s; %s\n",
      size.runs, size.nodes, seconds, ideal, submissions,
      static_cast<long long>(before),
      static_cast<long long>(LargestKib() - before), states_seconds,
      counts.c_str());
}

int SubmitAndWait(const std::string& directory) {
  Size size;
  size.runs = 3;
  size.nodes = 3;
  World world(size, directory);
  for (Job& job : world.plan.jobs) {
    RefreshState(world.store, world.plan.code, &job);
    job.wanted = job.state != JobState::kDone;
  }
  Recorder recorder;
  const Execution execution =
      ExecuteBySlurm(world.options, world.store, &world.plan, &recorder,
                     [](const Submission&) {});
  fprintf(stderr, "%s\n",
          std::string(execution.launcher_error.message()).c_str());
  for (const Job& job : world.plan.jobs) {
    if (job.state != JobState::kDone) return 2;
  }
  return execution.launcher_error.ok() ? 0 : 1;
}

// The launcher, as a process of its own, which dies at the write `nth`.
int Submit(const std::string& directory, int nth) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (nth > 0) {
      setenv("TRANSECT_FILE_FAULT",
             absl::StrCat("any ", directory, "/store ", nth, " kill").c_str(),
             1);
    }
    execl(Self().c_str(), Self().c_str(), "submit", directory.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// TRANSECT_CHAOS_STEP is the step from one write to the next at which it dies.
TEST(Simulation, TheSubmitterMayDieAtEveryWrite) {
  Size size;
  size.runs = 3;
  size.nodes = 3;
  size.shortest = 100;
  size.longest = 300;
  setenv("SHORTEST_MS", absl::StrCat(size.shortest).c_str(), 1);
  setenv("LONGEST_MS", absl::StrCat(size.longest).c_str(), 1);
  int step = 9;
  if (const char* text = getenv("TRANSECT_CHAOS_STEP"); text != nullptr) {
    ASSERT_TRUE(absl::SimpleAtoi(text, &step));
  }
  int points = 0;
  for (int nth = 1;; nth += step) {
    SCOPED_TRACE(absl::StrCat("killed at write ", nth));
    const World world(size);
    Controller controller(world.directory, "{\"nodes\": 3, \"limit\": 100}");
    const int code = Submit(world.directory, nth);
    if (code == 0) break;
    ASSERT_EQ(code, -SIGKILL);
    ++points;
    ASSERT_EQ(Submit(world.directory, 0), 0);
    const std::string counts = controller.Stop();
    const std::string published =
        ReadFile(world.directory + "/published").value_or("");
    EXPECT_EQ(std::ranges::count(published, '\n'), size.runs) << counts;
    EXPECT_EQ(ReadFile(world.directory + "/doubled").value_or(""), "");
    // No run got two jobs.
    EXPECT_THAT(counts, testing::HasSubstr("\"starts\": 3,"));
    if (testing::Test::HasFailure()) break;
  }
  printf("killed at %d writes, each %d-th\n", points, step);
  EXPECT_GE(points * step, 30);
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  transect::Self() = std::filesystem::absolute(argv[0]).string();
  if (argc > 1 && std::string(argv[1]) == "slot") {
    // transect slot --store S --sweep N --group G [--run ID]
    std::map<std::string, std::string> flags;
    for (int i = 2; i + 1 < argc; i += 2) flags[argv[i]] = argv[i + 1];
    const auto store = transect::Store::Open(flags["--store"]);
    transect::SlotOptions options;
    options.sweep = flags["--sweep"];
    options.run = flags["--run"];
    if (!store.ok() || !absl::SimpleAtoi(flags["--group"], &options.group)) {
      return 64;
    }
    const auto code = transect::RunSlot(*store, options);
    if (!code.ok())
      printf("%s\n", std::string(code.status().message()).c_str());
    return code.ok() ? *code : 1;
  }
  if (argc > 2 && std::string(argv[1]) == "submit") {
    return transect::SubmitAndWait(argv[2]);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
