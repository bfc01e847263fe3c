// Sweeps on a real Slurm of three nodes (tests/slurm/cluster), in which this
// program runs itself. Skipped where there can be none.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr char kCluster[] = "tests/slurm/cluster";

// Why there is no cluster; empty inside of one.
std::string& NoCluster() {
  static std::string* const why = new std::string;
  return *why;
}

std::string Output(const std::string& command) {
  FILE* const pipe = popen(absl::StrCat(command, " 2>&1").c_str(), "r");
  std::string text;
  char buffer[256];
  while (pipe != nullptr && fgets(buffer, sizeof(buffer), pipe) != nullptr) {
    text += buffer;
  }
  if (pipe != nullptr) pclose(pipe);
  return std::string(absl::StripAsciiWhitespace(text));
}

// A change of the cluster: "kill-node n2".
void Do(const std::string& verb) { Output(absl::StrCat(kCluster, " ", verb)); }

template <typename Condition>
bool WithinMinutes(int minutes, Condition condition) {
  for (int i = 0; i < minutes * 600; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// Digest of the weights of each run of a store.
std::map<std::string, std::string> WeightsOf(const std::string& store) {
  std::map<std::string, std::string> digests;
  for (const std::string& id : Store::Open(store)->RunIds("")) {
    for (const std::string& code : Store::Open(store)->CodesOfRun(id)) {
      const std::string path =
          absl::StrCat(Store::Open(store)->RunDir(id, code), "/", kWeightsFile);
      digests[id] = FileExists(path) ? *Sha256OfFile(path) : "none";
    }
  }
  return digests;
}

// The only run of a store.
std::string OnlyRun(const std::string& store) {
  for (const std::string& directory : JobDirs(store)) {
    if (absl::StrContains(directory, "/runs/") &&
        !absl::StrContains(directory, "evaluations")) {
      return directory;
    }
  }
  return "";
}

bool HasCheckpoint(const std::string& job_dir, int attempt) {
  const auto names =
      ListDirectory(CheckpointsDir(AttemptDir(job_dir, attempt)));
  return names.ok() && !names->empty();
}

class Slurm : public testing::Test {
 protected:
  void SetUp() override {
    if (!NoCluster().empty()) GTEST_SKIP() << "no Slurm: " << NoCluster();
    site_ = NewDir() + "/site.textproto";
    Put(site_,
        "lease_seconds: 5\n"
        "slurm { ranks_per_node: 1 interface: \"lo\" poll_seconds: 1 "
        "max_slots: 2 }\n");
  }

  // A store with the bundle, and what `directories` names, of another one.
  static std::string StoreBeside(const std::string& other,
                                 const std::vector<std::string>& directories) {
    const std::string store = NewDir() + "/store";
    fs::create_directories(store);
    fs::copy(other + "/VERSION", store + "/VERSION");
    fs::create_directory_symlink(other + "/bundles", store + "/bundles");
    for (const std::string& name : directories) {
      fs::copy(other + "/" + name, store + "/" + name,
               fs::copy_options::recursive);
    }
    return store;
  }

  std::vector<std::string> Command(const std::string& spec,
                                   const std::string& store,
                                   const std::vector<std::string>& more) {
    std::vector<std::string> words = {"run",    spec,  "--store",    store,
                                      "--site", site_, "--executor", "slurm"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string site_;
};

// What all jobs said, for the message of a failure.
std::string Logs(const std::string& store) {
  return Output(absl::StrCat("tail -n 20 ", store,
                             "/sweeps/*/*.log; squeue "
                             "--states=all"));
}

TEST_F(Slurm, GivesTheBitsOfTheLocalExecutor) {
  const std::string spec = TinyExperiment(
      {{"    steps: 5\n", "    steps: 20\n    logical_shards: 2\n"}});
  const std::string local = NewDir() + "/store";
  const Ended here = Transect({"run", spec, "--store", local});
  ASSERT_EQ(here.code, 0) << here.err;
  const std::string store = StoreBeside(local, {"cache"});

  const Ended dry = Transect(Command(spec, store, {"--dry-run"}));
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("#SBATCH --nodes=1"));
  EXPECT_FALSE(FileExists(store + "/sweeps"));

  // One on two nodes, which makes the inputs too.
  const Ended two = Transect(Command(
      spec, store,
      {"--wait", "--set", "base.training.ranks=2", "rank=16", "seed=1"}));
  EXPECT_EQ(two.code, 0) << two.err << Logs(store);
  const std::string run = OnlyRun(store);
  EXPECT_THAT(*ReadFile(LaunchPath(AttemptDir(run, 1))), HasSubstr("ranks: 2"));
  EXPECT_NE(
      Output("cat " + RankExitPath(AttemptDir(run, 1), 0) + " | grep host"),
      Output("cat " + RankExitPath(AttemptDir(run, 1), 1) + " | grep host"));

  // Submitted and left; the second command follows what the first submitted.
  const Ended left = Transect(Command(spec, store, {}));
  EXPECT_EQ(left.code, 3) << left.err << Logs(store);
  EXPECT_THAT(left.err, HasSubstr("submitted to Slurm: 3 jobs"));
  const Ended rest = Transect(Command(spec, store, {"--wait"}));
  EXPECT_EQ(rest.code, 0) << rest.err << Logs(store);
  EXPECT_THAT(rest.err, testing::Not(HasSubstr("submitted")));
  EXPECT_EQ(WeightsOf(store), WeightsOf(local));
  EXPECT_EQ(rest.out, here.out);

  // Enough runs for an array.
  const Ended array = Transect(Command(
      spec, store,
      {"--wait", "--set", "seeds=1,2,3,4", "--set", "base.training.steps=1"}));
  EXPECT_EQ(array.code, 0) << array.err << Logs(store);
  EXPECT_THAT(array.err, HasSubstr("submitted to Slurm: 1 job "));
}

TEST_F(Slurm, GoesOnAfterWhatHappensToJobs) {
  const std::string spec = TinyExperiment(
      {{"    steps: 5\n",
        "    steps: 400\n    checkpoint { every_steps: 10 }\n"}});
  const std::string local = NewDir() + "/store";
  const Ended here =
      Transect({"run", spec, "--store", local, "rank=16", "seed=1"});
  ASSERT_EQ(here.code, 0) << here.err;
  const std::string store = StoreBeside(local, {"cache", "inputs"});
  const auto command = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = Command(spec, store, more);
    words.insert(words.end(), {"rank=16", "seed=1"});
    return words;
  };

  Started launcher(command({"--wait"}));
  ASSERT_TRUE(WithinMinutes(1, [&] {
    return HasCheckpoint(OnlyRun(store), 1);
  })) << Logs(store);
  const std::string run = OnlyRun(store);
  const std::string number = Output("squeue -h -o %i");

  // The signal ahead of the end of its time.
  Output("scancel --batch --signal=USR2 " + number);
  ASSERT_TRUE(WithinMinutes(1, [&] { return HasCheckpoint(run, 2); }))
      << Logs(store);
  EXPECT_THAT(Output("scontrol show job " + number), HasSubstr("Restarts=1"));
  const auto outcome = ReadTextproto<Outcome>(OutcomePath(AttemptDir(run, 1)));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_TRUE(outcome->interrupted());

  // The death of its node, in silence, and a controller that is away.
  Do("kill-node " + Output("squeue -h -o %N"));
  std::thread restart([] {
    Output(
        "CLUSTER_DOWN=12 tests/slurm/cluster "
        "restart-controller");
  });
  const Ended blind = Transect(command({}));
  restart.join();
  EXPECT_NE(blind.code, 0);
  EXPECT_THAT(blind.err, HasSubstr("what Slurm has is not known, so nothing "
                                   "was submitted"));
  ASSERT_TRUE(WithinMinutes(2, [&] { return HasCheckpoint(run, 3); }))
      << Logs(store);

  // Somebody cancels it.
  Output("scancel " + number);
  const Ended cancelled = launcher.Wait();
  EXPECT_EQ(cancelled.code, 2);
  EXPECT_THAT(cancelled.err, HasSubstr("somebody cancelled its job in Slurm"));
  const Ended last = Transect(command({"--wait"}));
  EXPECT_EQ(last.code, 0) << last.err << Logs(store);
  EXPECT_EQ(WeightsOf(store), WeightsOf(local));
  EXPECT_EQ(last.out, here.out);
  EXPECT_GE(Attempts(run).size(), 4u);
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  if (getenv("TRANSECT_CLUSTER") == nullptr) {
    transect::NoCluster() =
        transect::Output(absl::StrCat(transect::kCluster, " --check"));
    if (transect::NoCluster().empty()) {
      const std::string self = std::filesystem::absolute(argv[0]).string();
      std::vector<char*> words = {const_cast<char*>(transect::kCluster),
                                  const_cast<char*>("3"),
                                  const_cast<char*>(self.c_str())};
      words.insert(words.end(), argv + 1, argv + argc);
      words.push_back(nullptr);
      execv(words[0], words.data());
      perror("cannot start tests/slurm/cluster");
      return 1;
    }
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
