// The verbs that keep a store in order, on stores that a real sweep made.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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
using ::testing::StartsWith;

constexpr char kTiny[] = "tests/e2e/tiny.textproto";

// A store of its own, but for the bundle and its libraries.
std::string PrivateStore() {
  const std::string store = NewStore();
  for (const char* directory : {"runs", "inputs", "rates", "reports"}) {
    fs::copy(FilledStore() + "/" + directory, store + "/" + directory,
             fs::copy_options::recursive);
  }
  return store;
}

// All runs of a store.
std::vector<std::string> Runs(const std::string& store) {
  std::vector<std::string> runs;
  for (const std::string& job : JobDirs(store)) {
    if (absl::StartsWith(job, store + "/runs/")) runs.push_back(job);
  }
  return runs;
}

// Changes a byte in the middle of a file and nothing of its state.
void Damage(const std::string& path) {
  struct stat before;
  ASSERT_EQ(stat(path.c_str(), &before), 0) << path;
  FILE* const file = fopen(path.c_str(), "r+");
  ASSERT_NE(file, nullptr) << path;
  fseek(file, static_cast<long>(before.st_size / 2), SEEK_SET);
  const int byte = fgetc(file);
  fseek(file, static_cast<long>(before.st_size / 2), SEEK_SET);
  fputc(byte ^ 1, file);
  fclose(file);
  const timespec times[] = {before.st_atim, before.st_mtim};
  utimensat(AT_FDCWD, path.c_str(), times, 0);
}

TEST(RealStoreTest, WhatGcRemovesChangesNoReport) {
  const std::string store = PrivateStore();
  const Ended fresh = Transect({"gc", "--store", store});
  EXPECT_EQ(fresh.code, 0);
  EXPECT_THAT(fresh.out, StartsWith("could go: 0 items, 0 B")) << fresh.out;
  const std::string run = Runs(store)[0];
  Put(run + "/attempts/0001/checkpoints/step-0000000003.safetensors", "x");
  Put(run + "/attempts/0002/outcome.textproto",
      "exit_code: 70 cause: 'planted'\n");
  Put(run + "/attempts/0003/outcome.textproto", "exit_code: 0\n");
  Put(Runs(store)[1] + "/attempts/0001/staging/weights.safetensors", "half");
  const Ended kept =
      Transect({"gc", "--store", store, "--keep", store + "/reports/tiny.md"});
  EXPECT_THAT(kept.out, StartsWith("could go: 0 items")) << kept.out;
  const Ended listed = Transect({"gc", "--store", store});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.out, AllOf(HasSubstr("/attempts/0001/checkpoints\n"),
                                HasSubstr("/attempts/0001/staging\n"),
                                HasSubstr("/attempts/0002\n"),
                                HasSubstr("could go: 3 items")));
  EXPECT_TRUE(FileExists(run + "/attempts/0002"));
  const Ended removed = Transect({"gc", "--store", store, "--delete"});
  EXPECT_EQ(removed.code, 0) << removed.err;
  EXPECT_THAT(removed.out, HasSubstr("removed 3 items"));
  EXPECT_FALSE(FileExists(run + "/attempts/0002"));
  EXPECT_TRUE(FileExists(run + "/attempts/0003"));
  EXPECT_EQ(Transect({"report", kTiny, "--store", store}).out,
            Transect({"report", kTiny, "--store", FilledStore()}).out);
  EXPECT_EQ(Transect({"store", "check", "--store", store}).code, 0);
}

TEST(RealStoreTest, CheckFindsEveryDamagedByte) {
  const std::string store = PrivateStore();
  const Ended clean = Transect({"store", "check", "--store", store});
  EXPECT_EQ(clean.code, 0) << clean.out << clean.err;
  EXPECT_THAT(clean.out, StartsWith("all is as it was made: "));
  std::vector<std::string> damaged;
  const std::string run = Runs(store)[0];
  damaged.push_back(run + "/weights.safetensors");
  damaged.push_back(run + "/attempts/0001/rank00000.metrics");
  for (const std::string& evaluation : EvaluationNames(run)) {
    damaged.push_back(absl::StrCat(EvaluationsDir(run), "/", evaluation,
                                   "/attempts/0001/rank00000.metrics"));
  }
  bool data = false;
  for (const auto& entry :
       fs::recursive_directory_iterator(store + "/inputs")) {
    const std::string path = entry.path().string();
    const bool image =
        !data && entry.is_regular_file() && absl::StrContains(path, "/data/");
    if (image || entry.path().filename() == "spiece.model") {
      damaged.push_back(path);
      data = data || image;
    }
  }
  EXPECT_GE(damaged.size(), 5u);
  for (const std::string& path : damaged) Damage(path);
  const Ended found = Transect({"store", "check", "--store", store});
  EXPECT_EQ(found.code, 2);
  for (const std::string& path : damaged) {
    EXPECT_THAT(found.out, HasSubstr(path + ": ")) << path;
  }
  // A value that was changed by hand: the run has another id.
  const std::string spec = Runs(store)[1] + "/spec.textproto";
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(spec));
  ASSERT_THAT(text, HasSubstr("steps: 5\n"));
  Put(spec, absl::StrReplaceAll(text, {{"steps: 5\n", "steps: 6\n"}}));
  EXPECT_THAT(Transect({"store", "check", "--store", store}).out,
              HasSubstr(Runs(store)[1] + ": "));
  const Ended json =
      Transect({"store", "check", "--store", store, "--format", "json"});
  EXPECT_EQ(json.code, 2);
  EXPECT_THAT(json.out, HasSubstr("\"problem\": ["));
  // gc does not touch what is not understood.
  EXPECT_EQ(Transect({"gc", "--store", store}).code, 0);
}

TEST(RealStoreTest, ACopyIsValidGoesOnAndHoldsOnlyWhatIsAskedFor) {
  const std::string all = NewDir() + "/all";
  const Ended copied =
      Transect({"store", "copy", all, "--store", FilledStore()});
  EXPECT_EQ(copied.code, 0) << copied.out << copied.err;
  EXPECT_THAT(copied.out, HasSubstr("all is as it was made: "));
  EXPECT_EQ(Transect({"status", kTiny, "--store", all}).code, 0);
  EXPECT_EQ(Transect({"report", kTiny, "--store", all}).out,
            Transect({"report", kTiny, "--store", FilledStore()}).out);
  // As after an interruption: results, a file of a bundle and weights are not
  // there yet.
  const std::string run = Runs(all)[0];
  for (const std::string& path :
       {run + "/result.textproto", run + "/weights.safetensors"}) {
    fs::remove(path);
  }
  for (const auto& bundle : fs::directory_iterator(all + "/bundles")) {
    if (bundle.is_directory()) fs::remove(bundle.path() / "code.textproto");
  }
  const Ended again =
      Transect({"store", "copy", all, "--store", FilledStore()});
  EXPECT_EQ(again.code, 0) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr(": 3 files, "));
  EXPECT_EQ(Transect({"status", kTiny, "--store", all}).code, 0);
  // What another store has stays.
  Put(run + "/result.textproto", "id: 'other'\n");
  const Ended other =
      Transect({"store", "copy", all, "--store", FilledStore()});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("has a result of its own already"));
  fs::remove_all(all);

  const std::string one = NewDir() + "/one";
  const std::string id =
      fs::path(run).parent_path().filename().string().substr(0, 12);
  const Ended selected =
      Transect({"store", "copy", one, id, "--store", FilledStore()});
  EXPECT_EQ(selected.code, 0) << selected.out << selected.err;
  EXPECT_EQ(Runs(one).size(), 1u);
  EXPECT_EQ(JobDirs(one).size(), 1u + 4u);
  const Ended none =
      Transect({"store", "copy", one, "ffffffff", "--store", FilledStore()});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("no run of the store matches"));
}

TEST(RealStoreTest, ViewsLeadToTheRunsOfAnExperiment) {
  const std::string store = PrivateStore();
  const Ended made = Transect({"store", "views", kTiny, "--store", store});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("/views/tiny: 4 links"));
  for (const char* link : {"/base/seed=1", "/rank=2/seed=2"}) {
    EXPECT_TRUE(FileExists(
        absl::StrCat(store, "/views/tiny/adapters", link, "/result.textproto")))
        << link;
  }
}

TEST(RealStoreTest, CheckMachineTrainsAStepAndLeavesNothing) {
  const std::string directory = NewDir();
  const std::string store = directory + "/store";
  const Ended good = Transect({"check-machine", kTiny, "--store", store});
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_THAT(good.out,
              AllOf(HasSubstr("ok    worker"), HasSubstr("ok    one step"),
                    HasSubstr("ok    experiment  4 runs")));
  EXPECT_THAT(ListDirectory(directory), IsOkAndHolds(IsEmpty()));
  const Ended json = Transect(
      {"check-machine", "--no-step", "--store", store, "--format", "json"});
  EXPECT_EQ(json.code, 0);
  EXPECT_THAT(json.out, HasSubstr("\"state\": \"NOT_PROBED\""));
}

}  // namespace
}  // namespace transect
