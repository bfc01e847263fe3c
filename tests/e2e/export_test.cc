// What a run trained goes out to the formats of other tools and comes back as
// initial weights.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Ids of the jobs below "/inputs" that have a code part, or below "/runs".
std::vector<std::string> Ids(absl::string_view kind) {
  std::vector<std::string> ids;
  for (const std::string& job : JobDirs(FilledStore())) {
    const fs::path path(job);
    if (absl::StartsWith(job, absl::StrCat(FilledStore(), kind)) &&
        path.filename().string().size() == 12) {
      ids.push_back(path.parent_path().filename().string());
    }
  }
  return ids;
}

// A run of the base cell: it has rank 16 and the other cell 2, so it has the
// larger weights.
std::string BaseRun() {
  std::string base;
  uintmax_t bytes = 0;
  for (const std::string& id : Ids("/runs")) {
    for (const auto& code : fs::directory_iterator(absl::StrCat(
             FilledStore(), "/runs/h2/", id.substr(0, 2), "/", id))) {
      const uintmax_t size = fs::file_size(code.path() / "weights.safetensors");
      if (size > bytes) {
        bytes = size;
        base = id;
      }
    }
  }
  return base;
}

// An experiment like the tiny one with the base cell alone and other weights.
std::string ExperimentWith(const std::string& weights) {
  const std::string path = NewDir() + "/adapted.textproto";
  Put(path, absl::StrCat("name: 'adapted' include: '", TinyExperiment(),
                         "' base { weights { ", weights,
                         " } } design { name: 'adapters' list { cell {} } } "
                         "seeds: 7\n"));
  return path;
}

TEST(ExportTest, WhatIsExportedIsTakenAsInitialWeights) {
  const std::string dir = NewDir();
  const std::vector<std::string> weights = Ids("/inputs");
  ASSERT_EQ(weights.size(), 1u);
  const Ended merged =
      Transect({"export", "--run", weights[0].substr(0, 10), "--merged",
                dir + "/merged", "--store", FilledStore()});
  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(merged.out, dir + "/merged\n");
  const Ended peft = Transect({"export", "--run", BaseRun(), "--peft",
                               dir + "/peft", "--store", FilledStore()});
  ASSERT_EQ(peft.code, 0) << peft.err;
  for (const char* file :
       {"/merged/siglip/config.json", "/merged/siglip/model.safetensors",
        "/merged/sam/config.json", "/merged/sam/model.safetensors",
        "/merged/rest.safetensors", "/peft/siglip_vision/adapter_config.json",
        "/peft/siglip_text/adapter_model.safetensors",
        "/peft/sam_vision/adapter_model.safetensors",
        "/peft/rest.safetensors"}) {
    EXPECT_TRUE(FileExists(dir + file)) << file;
  }

  const std::string trained =
      absl::StrCat("run ", BaseRun().substr(0, 12), ", base seed ");
  EXPECT_THAT(Transect({"describe", dir + "/peft"}).out,
              AllOf(HasSubstr("from       " + trained), HasSubstr("5 steps"),
                    HasSubstr("adapter of rank 16"),
                    HasSubstr("rest.safetensors  what is trained"),
                    HasSubstr("parts: SIGLIP_TEXT")));
  EXPECT_THAT(Transect({"describe", dir + "/peft/sam_vision"}).out,
              testing::StartsWith("exported from " + trained));
  EXPECT_THAT(Transect({"describe", dir + "/merged"}).out,
              AllOf(HasSubstr("from       run " + weights[0].substr(0, 12)),
                    HasSubstr("siglip/  "), HasSubstr("siglip_role")));

  Put(dir + "/site.textproto",
      "weights { role: 'siglip' path: 'merged/siglip' }\n"
      "weights { role: 'sam' path: 'merged/sam' }\n"
      "weights { role: 'mine' path: 'peft' }\n");
  const std::string experiment = ExperimentWith(
      "found { siglip_role: 'siglip' sam_role: 'sam' } "
      "adapters { role: 'mine' }");
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> places = {"--store", store, "--site",
                                           dir + "/site.textproto"};
  const auto command = [&](std::vector<std::string> words) {
    words.insert(words.end(), places.begin(), places.end());
    return Transect(words);
  };
  const Ended plan = command({"plan", experiment});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("pending"), HasSubstr("'siglip'")));
  const Ended run = command({"run", experiment, "--profile", "2"});
  EXPECT_EQ(run.code, 0) << run.err;
  int traces = 0;
  for (const std::string& job : JobDirs(store)) {
    if (!absl::StartsWith(job, store + "/runs")) continue;
    traces += FileExists(job + "/attempts/0001/trace.json") ? 1 : 0;
    EXPECT_THAT(Transect({"describe", job}).out, HasSubstr("loss  "));
  }
  EXPECT_EQ(traces, 1);
  EXPECT_THAT(command({"plan", experiment}).out, Not(HasSubstr("pending")));
  EXPECT_THAT(command({"status", experiment}).out,
              testing::StartsWith("adapted: 1 run: 1 done\n"));
}

TEST(ExportTest, CurvesOfARunAreAnEventFile) {
  const std::string dir = NewDir() + "/curves";
  const std::vector<std::string> command = {"export",        "--run", BaseRun(),
                                            "--tensorboard", dir,     "--store",
                                            FilledStore()};
  const Ended ended = Transect(command);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, dir + "\n");
  const auto files = ListDirectory(dir);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 1u);
  EXPECT_THAT(files->front(), testing::StartsWith("events.out.tfevents."));
  EXPECT_THAT(
      ReadFile(dir + "/" + files->front()),
      IsOkAndHolds(AllOf(HasSubstr("brain.Event:2"), HasSubstr("train/loss"),
                         HasSubstr("train/gradient_norm"))));
  const Ended again = Transect(command);
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr(dir));
}

TEST(ExportTest, WeightsThatDoNotFitAreToldBeforeAnythingStarts) {
  const std::string dir = NewDir();
  ASSERT_EQ(Transect({"export", "--run", BaseRun(), "--peft", dir + "/peft",
                      "--store", FilledStore()})
                .code,
            0);
  Put(dir + "/site.textproto", "weights { role: 'mine' path: 'peft' }\n");
  const std::string experiment =
      ExperimentWith("random {} adapters { role: 'mine' }");
  const std::string other = NewDir() + "/other.textproto";
  Put(other, absl::StrCat("name: 'other' include: '", experiment,
                          "' base { model { rsrefseg { sam { lora { rank: 3 } "
                          "} } } }\n"));
  const std::string store = NewStore({"inputs"});
  const Ended run = Transect(
      {"run", other, "--store", store, "--site", dir + "/site.textproto"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("weights role 'mine'"),
                    HasSubstr("sam_vision/adapter_config.json"),
                    HasSubstr("r is 16, must be 3 (the rank of the spec)")));
  const Ended plan = Transect(
      {"plan", other, "--store", store, "--site", dir + "/site.textproto"});
  EXPECT_EQ(plan.code, 1);
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("unusable"),
                    HasSubstr("r is 16, must be 3 (the rank of the spec)")));
  EXPECT_FALSE(FileExists(store + "/runs"));
}

// The adapters have rank 16; the other cell has rank 2.
TEST(ExportTest, ACellThatAdaptersDoNotFitWaitsAndTheOtherRuns) {
  const std::string dir = NewDir();
  ASSERT_EQ(Transect({"export", "--run", BaseRun(), "--peft", dir + "/peft",
                      "--store", FilledStore()})
                .code,
            0);
  Put(dir + "/site.textproto", "weights { role: 'mine' path: 'peft' }\n");
  const std::string experiment = dir + "/ranks.textproto";
  Put(experiment,
      absl::StrCat("name: 'ranks' include: '", TinyExperiment(),
                   "' base { weights { random {} adapters { role: 'mine' "
                   "parts: SAM_VISION } } } seeds: [7]\n"));
  const std::string store = NewStore({"inputs"});
  const auto command = [&](std::vector<std::string> words) {
    words.insert(words.begin() + 1, experiment);
    words.insert(words.end(),
                 {"--store", store, "--site", dir + "/site.textproto"});
    return Transect(words);
  };
  const std::string fits = absl::StrCat("weights role 'mine' (", dir,
                                        "/peft) fits base, not rank=2, which "
                                        "is not started: ");
  constexpr char kWhy[] = "r is 16, must be 2 (the rank of the spec)";
  const Ended plan = command({"plan"});
  EXPECT_EQ(plan.code, 0) << plan.out;
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("warn   weights role 'mine'"), HasSubstr(kWhy),
                    HasSubstr("rank=2 seed 7   not started; weights role"),
                    HasSubstr("Plan: 1 to launch, ")));
  const Ended run = command({"run"});
  EXPECT_EQ(run.code, 2) << "a cell is missing";
  EXPECT_THAT(run.err, AllOf(HasSubstr(absl::StrCat("NOT STARTED ", fits)),
                             HasSubstr(kWhy)));
  EXPECT_THAT(run.out, HasSubstr("weights role 'mine'"))
      << "the table says why a row is empty";
  EXPECT_THAT(command({"status"}).out,
              AllOf(testing::StartsWith("ranks: 2 runs: 1 done, 1 new\n"),
                    HasSubstr("weights role 'mine'")));
  const Ended alone = command({"run", "rank=2"});
  EXPECT_EQ(alone.code, 1);
  EXPECT_THAT(alone.err,
              AllOf(HasSubstr("nothing can start"), HasSubstr(kWhy)));
}

TEST(ExportTest, WrongRequestsAreOneMessageAndLeaveNothing) {
  const std::string dir = NewDir();
  const Ended nothing =
      Transect({"export", "--run", BaseRun(), "--store", FilledStore()});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("--peft, --merged or --tensorboard"));
  const Ended unknown = Transect({"export", "--run", "zz", "--peft",
                                  dir + "/peft", "--store", FilledStore()});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("run 'zz'"));
  // A run that trained everything has no adapters.
  const Ended all = Transect({"export", "--run", Ids("/inputs")[0], "--peft",
                              dir + "/peft", "--store", FilledStore()});
  EXPECT_EQ(all.code, 1);
  EXPECT_THAT(all.err, HasSubstr("has no adapters; export it merged"));
  EXPECT_TRUE(fs::is_empty(dir));
  Put(dir + "/peft/mine", "kept");
  const Ended exists = Transect({"export", "--run", BaseRun(), "--peft",
                                 dir + "/peft", "--store", FilledStore()});
  EXPECT_EQ(exists.code, 1);
  EXPECT_THAT(exists.err, HasSubstr("exists already"));
  EXPECT_THAT(ReadFile(dir + "/peft/mine"), IsOkAndHolds("kept"));
}

}  // namespace
}  // namespace transect
