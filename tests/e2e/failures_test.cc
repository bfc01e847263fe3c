// What a researcher sees when something is wrong: one clear message each, and
// nothing half-written.
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

bool WriteTo(const char* path, const std::string& text) {
  const int descriptor = open(path, O_WRONLY);
  const bool written =
      descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                             static_cast<ssize_t>(text.size());
  if (descriptor >= 0) close(descriptor);
  return written;
}

int64_t CountLines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// The tiny experiment on a GPU, one seed.
std::string GpuExperiment() {
  const std::string path = TinyExperiment();
  const std::string upper =
      fs::path(path).parent_path().string() + "/gpu.textproto";
  Put(upper,
      "name: \"gpu\" include: \"tiny.textproto\" seeds: [1]\n"
      "base { training { device: CUDA } }\n");
  return upper;
}

TEST(FailuresTest, ATypoIsOneLocatedLineAndNothingIsCreated) {
  const std::string store = NewDir() + "/store";
  const std::string experiment =
      TinyExperiment({{"vocab_size: 200", "vocab_sise: 200"}});
  for (const char* verb : {"run", "plan", "report", "spec"}) {
    const Ended ended = Transect({verb, experiment, "--store", store});
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(CountLines(ended.err), 1) << ended.err;
    EXPECT_THAT(ended.err,
                AllOf(HasSubstr(experiment + ":27:7:"), HasSubstr("vocab_sise"),
                      HasSubstr("vocab_size")));
    EXPECT_FALSE(FileExists(store));
  }
}

TEST(FailuresTest, WrongUsageIsExitCodeOne) {
  EXPECT_EQ(Transect({}).code, 1);
  EXPECT_EQ(Transect({"fly"}).code, 1);
  EXPECT_EQ(Transect({"run"}).code, 1);
  EXPECT_EQ(Transect({"run", TinyExperiment(), "--jobs", "0"}).code, 1);
  EXPECT_THAT(Transect({"plan", "/nowhere.textproto"}).err,
              HasSubstr("/nowhere.textproto"));
  EXPECT_EQ(Transect({"--help"}).code, 0);
  EXPECT_EQ(Transect({"run", "--help"}).code, 0);
  EXPECT_THAT(Transect({"--version"}).out, testing::StartsWith("transect "));
}

// The worker of this test is built without --config=cuda.
TEST(FailuresTest, AGpuThatTheBuildCannotUseIsRefusedBeforeAnythingStarts) {
  const std::string store = NewDir() + "/store";
  const Ended plan = Transect({"plan", GpuExperiment(), "--store", store});
  EXPECT_EQ(plan.code, 1);
  EXPECT_THAT(plan.out, HasSubstr("stop   training.device is CUDA in "));
  const Ended ended = Transect({"run", GpuExperiment(), "--store", store});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, AllOf(HasSubstr("training.device is CUDA in "),
                               HasSubstr("--config=cuda")));
  EXPECT_THAT(JobDirs(store), IsEmpty());
}

// Path of the job whose id starts so.
std::string JobWithId(const std::string& store, const std::string& id) {
  for (const std::string& job : JobDirs(store)) {
    if (absl::StrContains(job, "/" + id)) return job;
  }
  return "";
}

TEST(FailuresTest, AFailedRunSaysWhyAndTheOthersGoOn) {
  const std::string store = NewStore({"inputs"});
  const std::string experiment = TinyExperiment();
  const Ended plan = Transect({"plan", experiment, "--store", store});
  const size_t line = plan.out.find("rank=2 seed 2");
  ASSERT_NE(line, std::string::npos);
  const std::string id = plan.out.substr(line - 14, 12);
  ASSERT_EQ(Transect({"run", experiment, id, "--store", store}).code, 0);
  const std::string job = JobWithId(store, id);
  ASSERT_NE(job, "");
  fs::remove(job + "/result.textproto");
  fs::remove(job + "/weights.safetensors");
  // There is no room for its log.
  const fs::path run_dir(job);
  const std::string log = absl::StrCat(
      run_dir.parent_path().filename().string(), "/",
      run_dir.filename().string(), "/attempts/0002/rank00000.metrics");
  ASSERT_EQ(setenv("TRANSECT_FILE_FAULT",
                   absl::StrCat("write ", log, " 1 28").c_str(), 1),
            0);
  const Ended ended = Transect({"run", experiment, "--store", store});
  ASSERT_EQ(unsetenv("TRANSECT_FILE_FAULT"), 0);
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("FAILED"),
                    HasSubstr(job + "/attempts/0002/rank00000.log"),
                    HasSubstr(absl::StrCat("transect run ", experiment,
                                           " --store ", store, " ", id)),
                    HasSubstr("cause  INPUT_OUTPUT"),
                    HasSubstr("No space left on device")));
  EXPECT_THAT(ended.out, HasSubstr("missing"));
  EXPECT_THAT(Transect({"status", experiment, "--store", store}).out,
              HasSubstr("3 done, 1 failed"));
}

TEST(FailuresTest, ACorruptResultIsNeitherDoneNorDoneAgain) {
  const std::string store = NewStore({"inputs", "runs"});
  std::string result;
  for (const std::string& job : JobDirs(store)) {
    if (job.find("/runs/") != std::string::npos) {
      result = job + "/result.textproto";
    }
  }
  ASSERT_TRUE(FileExists(result));
  fs::remove(result);
  Put(result, "id: \"garb");
  const Ended ended = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("CORRUPT"), HasSubstr(result),
                               HasSubstr("0 jobs to start")));
  EXPECT_THAT(ended.out, HasSubstr("missing"));
  EXPECT_THAT(ReadFile(result), IsOkAndHolds("id: \"garb"));
  // The message says how to go on.
  fs::remove(result);
  const Ended again = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, FilledReport());
}

TEST(FailuresTest, ARunWithoutItsWeightsKeepsItsNumbersAndSaysSo) {
  const std::string store = NewStore({"inputs", "runs"});
  std::string weights;
  for (const std::string& job : JobDirs(store)) {
    if (job.find("/runs/") != std::string::npos) {
      weights = job + "/weights.safetensors";
    }
  }
  ASSERT_TRUE(fs::remove(weights));
  const std::string id =
      fs::path(weights).parent_path().parent_path().filename().string().substr(
          0, 12);
  for (const char* verb : {"report", "run"}) {
    const Ended ended = Transect({verb, TinyExperiment(), "--store", store});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.out, FilledReport());
    EXPECT_THAT(ended.err,
                HasSubstr(absl::StrCat(
                    "NOTE the trained weights of 1 run are gone (", id, ")")));
  }
  EXPECT_THAT(Transect({"runs", "--store", store}).out,
              HasSubstr("; its trained weights are gone"));
  // What needs them, each in one line.
  const std::string out = NewDir();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"evaluate", "--run", id, "--split", "train"},
        {"export", "--run", id, "--peft", out + "/peft"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--store", store});
    const Ended ended = Transect(all);
    EXPECT_EQ(ended.code, 1) << arguments[0] << ended.out;
    EXPECT_THAT(ended.err, AllOf(HasSubstr("the trained weights of run " + id +
                                           " are "
                                           "gone: "),
                                 HasSubstr(weights)))
        << arguments[0];
    EXPECT_EQ(CountLines(ended.err), 1) << ended.err;
  }
  // An evaluation that it has needs none.
  EXPECT_EQ(
      Transect({"evaluate", "--run", id, "--split", "val", "--store", store})
          .code,
      0);
  const Ended check = Transect({"store", "check", "--store", store});
  EXPECT_EQ(check.code, 2);
  EXPECT_THAT(check.out, HasSubstr(weights + ": is gone"));
}

TEST(FailuresTest, ADamagedMetricLogIsNamedAndDoesNotCount) {
  const std::string store = NewStore({"inputs", "runs"});
  std::string log;
  for (const std::string& job : JobDirs(store)) {
    if (job.find("/runs/") != std::string::npos) {
      log = absl::StrCat(job, "/evaluations/", EvaluationNames(job)[0],
                         "/attempts/0001/rank00000.metrics");
    }
  }
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(log));
  bytes[bytes.size() / 2] ^= 1;
  fs::remove(log);
  Put(log, bytes);
  const Ended ended = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr(log));
}

TEST(FailuresTest, ANewerStoreIsRefused) {
  const std::string store = NewDir();
  Put(store + "/VERSION", "transect store 999\n");
  const Ended ended = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("version 999"));
  EXPECT_EQ(CountLines(ended.err), 1);
}

TEST(FailuresTest, AStoreThatCannotBeMadeIsOneMessage) {
  const std::string file = NewDir() + "/file";
  Put(file, "");
  const Ended ended =
      Transect({"run", TinyExperiment(), "--store", file + "/store"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(CountLines(ended.err), 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(file));
}

// Runs `transect` where `mount_all` has mounted something that only it sees.
// Its exit code is 77 where the machine does not let us mount.
Ended TransectWithMounts(const std::function<bool()>& mount_all,
                         const std::vector<std::string>& arguments) {
  const std::string said = NewDir() + "/said";
  const pid_t child = fork();
  if (child == 0) {
    const std::string user = absl::StrCat("0 ", getuid(), " 1\n");
    const std::string group = absl::StrCat("0 ", getgid(), " 1\n");
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        !WriteTo("/proc/self/uid_map", user) ||
        !WriteTo("/proc/self/setgroups", "deny") ||
        !WriteTo("/proc/self/gid_map", group) || !mount_all()) {
      _exit(77);
    }
    const Ended ended = Transect(arguments);
    Put(said, ended.err);
    Put(said + ".out", ended.out);
    _exit(ended.code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  Ended ended;
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ended.err = ReadFile(said).value_or("");
  ended.out = ReadFile(said + ".out").value_or("");
  return ended;
}

// Runs `transect` where `directory` is a file system of its own with `size`
// bytes.
Ended TransectOnSmallDisk(const std::string& directory, const char* size,
                          const std::vector<std::string>& arguments) {
  return TransectWithMounts(
      [&] { return mount("tmpfs", directory.c_str(), "tmpfs", 0, size) == 0; },
      arguments);
}

// Runs `transect` where `directory` is mounted read-only.
Ended TransectOnReadOnly(const std::string& directory,
                         const std::vector<std::string>& arguments) {
  return TransectWithMounts(
      [&] {
        const char* const path = directory.c_str();
        return mount(path, path, nullptr, MS_BIND, nullptr) == 0 &&
               mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY,
                     nullptr) == 0;
      },
      arguments);
}

TEST(FailuresTest, AFullDiskIsOneMessageAndNothingIsTakenForDone) {
  const std::string store = NewStore();
  ASSERT_THAT(MakeDirs(store + "/inputs"), IsOk());
  const std::vector<std::string> command = {"run", TinyExperiment(), "--store",
                                            store};
  const Ended full =
      TransectOnSmallDisk(store + "/inputs", "size=96k", command);
  if (full.code == 77) {
    GTEST_SKIP() << "no right to mount a small file system here";
  }
  EXPECT_EQ(full.code, 2) << full.err;
  // What was made so far is removed, so that the rank can say why it failed.
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  EXPECT_THAT(JobDirs(store), IsEmpty());
  EXPECT_EQ(Transect(command).code, 0);
}

TEST(FailuresTest, AStoreThatCannotBeWrittenIsReadAndNothingIsStartedInIt) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string experiment = TinyExperiment();
  const Ended run =
      TransectOnReadOnly(store, {"run", experiment, "--store", store});
  if (run.code == 77) {
    GTEST_SKIP() << "no right to mount a file system read-only here";
  }
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, FilledReport());
  EXPECT_THAT(run.err,
              HasSubstr("the report could not be kept in the store: "));
  for (const char* verb : {"plan", "status", "report"}) {
    const Ended ended =
        TransectOnReadOnly(store, {verb, experiment, "--store", store});
    EXPECT_EQ(ended.code, 0) << verb << ": " << ended.err;
    EXPECT_NE(ended.out, "");
    EXPECT_EQ(ended.err, "");
  }
  EXPECT_EQ(TransectOnReadOnly(store,
                               {"why", "--stale", experiment, "--store", store})
                .code,
            0);
  const Ended more = TransectOnReadOnly(
      store, {"run", TinyExperiment({{"seeds: [1, 2]", "seeds: [3]"}}),
              "--store", store});
  EXPECT_EQ(more.code, 1);
  EXPECT_EQ(CountLines(more.err), 1) << more.err;
  EXPECT_THAT(more.err, AllOf(HasSubstr("store " + store),
                              HasSubstr("mounted read-only")));
}

TEST(FailuresTest, WhatFailsAlikeThreeTimesIsNotStartedAgainUnlessTold) {
  const std::string store = NewStore({"inputs"});
  const std::string experiment =
      TinyExperiment({{"seeds: [1, 2]", "seeds: [1]"},
                      {"values: [\"16\", \"2\"]", "values: [\"16\"]"}});
  const std::vector<std::string> command = {"run", experiment, "--store",
                                            store};
  ASSERT_EQ(setenv("TRANSECT_FILE_FAULT", "write rank00000.metrics 1 28", 1),
            0);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Ended ended = Transect(command);
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, AllOf(HasSubstr("1 job to start"),
                                 HasSubstr("No space left on device")));
  }
  ASSERT_EQ(unsetenv("TRANSECT_FILE_FAULT"), 0);
  const Ended given_up = Transect(command);
  EXPECT_EQ(given_up.code, 2);
  EXPECT_THAT(given_up.err,
              AllOf(HasSubstr("0 jobs to start"), HasSubstr("NOT STARTED"),
                    HasSubstr("failed 3 times alike: INPUT_OUTPUT"),
                    HasSubstr("--retry")));
  EXPECT_THAT(Transect({"plan", experiment, "--store", store}).out,
              AllOf(HasSubstr("not started again"),
                    HasSubstr("failed 3 times alike: INPUT_OUTPUT"),
                    HasSubstr("Plan: 0 to launch")));
  EXPECT_THAT(Transect({"status", experiment, "--store", store}).out,
              HasSubstr("failed 3 times alike: INPUT_OUTPUT"));
  const Ended told = Transect({"run", experiment, "--retry", "--store", store});
  EXPECT_EQ(told.code, 0) << told.err;
}

}  // namespace
}  // namespace transect
