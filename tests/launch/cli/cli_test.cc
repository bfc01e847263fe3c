#include "launch/cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/log_format.h"
#include "model/checkpoint/safetensors.h"
#include "nlohmann/json.hpp"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/golden.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSpec[] = "tests/e2e/tiny.textproto";

TEST(CliTest, HelpOfEveryVerb) {
  const std::vector<std::vector<std::string>> verbs = {{},
                                                       {"plan"},
                                                       {"run"},
                                                       {"status"},
                                                       {"show"},
                                                       {"logs"},
                                                       {"fails"},
                                                       {"cancel"},
                                                       {"report"},
                                                       {"runs"},
                                                       {"spec"},
                                                       {"predict"},
                                                       {"evaluate"},
                                                       {"export"},
                                                       {"why"},
                                                       {"diff"},
                                                       {"certify"},
                                                       {"data"},
                                                       {"data", "synth"},
                                                       {"data", "gallery"},
                                                       {"data", "check"},
                                                       {"data", "export"},
                                                       {"store"},
                                                       {"store", "check"},
                                                       {"store", "copy"},
                                                       {"store", "views"},
                                                       {"gc"},
                                                       {"check-machine"},
                                                       {"describe"},
                                                       {"help"},
                                                       {"completion"}};
  std::string screens;
  for (std::vector<std::string> words : verbs) {
    words.push_back("--help");
    const Said said = Call(words);
    EXPECT_EQ(said.code, 0);
    EXPECT_EQ(said.err, "");
    absl::StrAppend(&screens, "$ transect ", absl::StrJoin(words, " "), "\n",
                    said.out, "\n");
  }
  ExpectGolden("tests/launch/cli/testdata/help.golden", screens);
}

TEST(CliTest, VersionIsOneLine) {
  const Said said = Call({"--version"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, MatchesRegex("transect [0-9.]+ \\(.+\\)\n"));
}

TEST(CliTest, WrongUsageSaysWhatAndExitsWithOne) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong = {
      {{}, "no verb"},
      {{"fly"}, "fly"},
      {{"run"}, "SPEC is required"},
      {{"plan", kSpec, "--color", "mauve"}, "mauve not in {auto,always,never}"},
      {{"run", kSpec, "--jobs", "0"}, "--jobs: Value 0 not in range 1 to 4096"},
      {{"report", kSpec, "--format", "docx"},
       "docx not in {text,md,csv,latex,html,page,json}"},
      {{"plan", kSpec, "--dry-run"}, "--dry-run"},
      {{"data", "check", "dir", "--format-of-data", "COCO"},
       "COCO not in {RRSISD,REFSEGRS,RISBENCH,JSONL}"},
      {{"data", "gallery", "dir", "--out", "p.html", "--limit", "0"},
       "--limit: Value 0 not in range 1 to 5000"},
      {{"evaluate", "--run", "0", "--split", "trian"},
       "trian not in {train,val,test}"},
      {{"predict", "--image", "a.png", "--text", "ship", "--out", "d"},
       "give one of --run RUN and --model SPEC"},
      {{"export", "--run", "0"}, "--peft, --merged or --tensorboard"},
      {{"data", "export"}, "give either --run ID"},
      {{"data", "export", "dir"}, "DIR needs --jsonl OUT"},
      {{"data", "export", "--run", "0", "--jsonl", "d"},
       "--jsonl goes with DIR"},
      {{"data", "export", "dir", "--jsonl", "d", "--split", "val"},
       "--out and --split go with --run"},
      {{"evaluate", "--run", "0", "--items", "a.xlsx", "--split", "val"},
       "must end in .csv or .jsonl"},
      {{"predict", "--model", "m", "--spec", kSpec}, "--spec goes with --run"},
      {{"diff", "0"}, "got 1 run, needs two: ids of the store as"},
      {{"why", "0"}, "or with an experiment its runs, such as --spec FILE"},
      {{"why", "--stale", kSpec, "--spec", kSpec}, "--spec excludes --stale"}};
  for (const auto& [words, message] : wrong) {
    const Said said = Call(words);
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr(message));
  }
}

TEST(CliTest, AFileThatIsNotThereIsNamed) {
  for (const char* verb : {"plan", "run", "status", "report", "spec"}) {
    const Said said = Call({verb, "/nowhere.textproto"});
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr("/nowhere.textproto"));
  }
}

TEST(CliTest, SettingsOfARecipeAreCheckedBeforeAnythingRuns) {
  const std::string out = NewDir() + "/set";
  const auto synth = [&](const std::string& setting) {
    return Call({"data", "synth", "--out", out, "--set", setting}).err;
  };
  EXPECT_THAT(synth("train_images"), HasSubstr("must be FIELD=VALUE"));
  EXPECT_THAT(synth("aerial.cluter=1"), HasSubstr("clutter"));
  EXPECT_THAT(synth("aerial.clutter=2"),
              HasSubstr("aerial.clutter is 2, must be 0 to 1"));
  EXPECT_THAT(synth("train_images=many"), HasSubstr("train_images=many"));
  EXPECT_THAT(synth("train_images=3"), HasSubstr("no worker"));
  EXPECT_FALSE(FileExists(out));
}

TEST(CliTest, FlagsStandAnywhereAfterTheVerb) {
  const std::string store = NewDir() + "/store";
  const Said after = Call({"plan", kSpec, "--store", store});
  const Said before = Call({"plan", "--store", store, kSpec});
  EXPECT_EQ(after.code, 0) << after.err;
  EXPECT_EQ(before.out, after.out);
  EXPECT_FALSE(FileExists(store));
}

TEST(CliTest, WithoutAWorkerPlanSaysSoAndRunRefuses) {
  const std::string store = NewDir() + "/store";
  EXPECT_THAT(Call({"plan", kSpec, "--store", store}).out,
              HasSubstr("no worker beside this program"));
  const Said run = Call({"run", kSpec, "--store", store});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("no worker"));
  EXPECT_FALSE(FileExists(store));
}

TEST(CliTest, DryRunPrintsThePlanOfTheSelectedRuns) {
  const std::string store = NewDir() + "/store";
  const Said plan = Call({"plan", kSpec, "--store", store});
  const size_t line = plan.out.find("rank=2 seed 2");
  ASSERT_NE(line, std::string::npos);
  const std::string id = plan.out.substr(line - 14, 12);
  EXPECT_THAT(Call({"run", "-n", kSpec, id, "--store", store}).out,
              HasSubstr("Plan: 1 to launch"));
  EXPECT_EQ(Call({"run", "-n", kSpec, "zz", "--store", store}).code, 1);
  EXPECT_THAT(
      Call({"run", "-n", kSpec, "rank=2", "seed<2", "--store", store}).out,
      HasSubstr("Plan: 1 to launch"));
  EXPECT_FALSE(FileExists(store));
}

TEST(CliTest, IdsOfTheJsonPlanWorkInTheNextCommand) {
  const std::string store = NewDir() + "/store";
  const Said plan = Call({"plan", kSpec, "--store", store, "--format", "json"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  const nlohmann::json json = nlohmann::json::parse(plan.out);
  EXPECT_EQ(json["formatVersion"], 2);
  EXPECT_EQ(json["spec"], kSpec);
  ASSERT_EQ(json["runs"].size(), 4u);
  for (const nlohmann::json& run : json["runs"]) {
    const std::string id = run["id"];
    EXPECT_EQ(id.size(), 32u);
    const Said dry = Call({"run", "-n", kSpec, id, "--store", store});
    EXPECT_EQ(dry.code, 0) << dry.err;
    EXPECT_THAT(dry.out, HasSubstr("Plan: 1 to launch"));
    const Said spec = Call({"spec", "--resolved", kSpec, id, "--store", store});
    EXPECT_EQ(spec.code, 0) << spec.err;
    EXPECT_THAT(spec.out,
                StartsWith("# " + run["name"].get<std::string>() + "\n"));
  }
  EXPECT_EQ(json["nextCommand"],
            "transect run tests/e2e/tiny.textproto --store " + store);
}

TEST(CliTest, ABudgetPicksWholeCells) {
  const std::string store = NewDir() + "/store";
  const Said all = Call({"plan", kSpec, "--store", store, "--budget", "9cpuh"});
  EXPECT_THAT(all.out, HasSubstr("pays for 2 of 2 cells"));
  EXPECT_THAT(all.out, HasSubstr("--budget 9cpuh\n"));
  EXPECT_THAT(
      Call({"run", "-n", kSpec, "--store", store, "--budget", "9cpuh"}).out,
      HasSubstr("Plan: 4 to launch"));
  for (const char* wrong : {"9", "9gpuh", "0cpuh"}) {
    const Said said =
        Call({"plan", kSpec, "--store", store, "--budget", wrong});
    EXPECT_EQ(said.code, 1) << wrong;
    EXPECT_THAT(said.err, HasSubstr("budget")) << wrong;
  }
}

TEST(CliTest, PublishedResultsAreChosenByName) {
  const std::string store = NewDir() + "/store";
  const Said said = Call(
      {"report", kSpec, "--store", store, "--published", "rsrefseg_table1"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("Published, not shown: rsrefseg_table1 is of "
                                  "RRSIS-D, the runs of this table are of "
                                  "synthetic data set "));
  const Said wrong =
      Call({"report", kSpec, "--store", store, "--published", "table_1"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("no published results"));
}

TEST(CliTest, SelectorsStandOnEveryVerbAboutRuns) {
  const std::string store = NewDir() + "/store";
  EXPECT_THAT(
      Call({"status", kSpec, "!rank=2", "seed=2", "--store", store}).out,
      AllOf(StartsWith("tiny: 1 run: 1 new\n"),
            HasSubstr("#2  new    base seed"), Not(HasSubstr("#1"))));
  const Said nothing = Call({"status", kSpec, "state=done", "--store", store});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("no run has that; the states are new"));
  EXPECT_THAT(Call({"plan", kSpec, "#3,4", "--store", store}).out,
              AllOf(HasSubstr("#3"), Not(HasSubstr("#1"))));
  EXPECT_THAT(
      Call({"spec", "--resolved", kSpec, "seed=2", "--store", store}).out,
      AllOf(HasSubstr("# rank=2 seed 2"), Not(HasSubstr("seed 1\n"))));
  for (const char* verb : {"plan", "run", "status", "report", "spec"}) {
    const Said wrong = Call({verb, kSpec, "rnk=2", "--store", store});
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.err, StartsWith("selector \"rnk=2\", position 1: "));
  }
  EXPECT_FALSE(FileExists(store));
}

TEST(CliTest, SetChangesTheBaseOnEveryVerb) {
  const std::string store = NewDir() + "/store";
  EXPECT_THAT(Call({"spec", kSpec, "--set", "training.steps=77", "--set",
                    "training.optimizer.lr=3e-4", "--store", store})
                  .out,
              AllOf(HasSubstr("steps: 77"), HasSubstr("lr: 3e-04")));
  const Said plan = Call({"plan", kSpec, "--store", store});
  const Said changed =
      Call({"plan", "--set", "training.steps=77", kSpec, "--store", store});
  EXPECT_EQ(changed.code, 0) << changed.err;
  // Another spec has other ids, and the next command repeats the change.
  const auto first_id = [](const Said& said) {
    return said.out.substr(said.out.find("base seed 1") - 14, 12);
  };
  EXPECT_NE(first_id(plan), first_id(changed));
  EXPECT_THAT(changed.out, HasSubstr("--set training.steps=77"));
  EXPECT_EQ(
      Call({"spec", "--check", kSpec, "--set", "training.steps=0"}).err,
      "--set: base.training.steps: is 0, must be 1 or more for a model that "
      "is trained\n");
  for (const char* verb : {"plan", "run", "status", "report", "spec"}) {
    const Said wrong = Call({verb, kSpec, "--set", "training.stepz=1"});
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.err, StartsWith("--set \"training.stepz=1\": "));
  }
}

TEST(CliTest, AnAcceptedCodeThatTheStoreDoesNotHaveIsWrong) {
  const std::string store = NewDir() + "/store";
  for (const char* verb : {"plan", "status", "report"}) {
    // Underscores mean the same as dashes, and those of a value stay.
    for (const char* flag : {"--accept-code=aa_,bb", "--accept_code=aa_,bb"}) {
      const Said said = Call({verb, kSpec, flag, "--store", store});
      EXPECT_EQ(said.code, 1);
      EXPECT_THAT(said.err,
                  StartsWith("--accept-code aa_: no code in the store"));
    }
  }
}

TEST(CliTest, ColorIsAFlagAndOffWithoutATerminal) {
  const std::string store = NewDir() + "/store";
  EXPECT_THAT(Call({"plan", kSpec, "--store", store}).out,
              Not(HasSubstr("\x1b")));
  EXPECT_THAT(Call({"plan", kSpec, "--store", store, "--color", "always"}).out,
              HasSubstr("\x1b["));
}

TEST(CliTest, StatusOfAnEmptyStoreIsNotDone) {
  const std::string store = NewDir() + "/store";
  const Said said = Call({"status", kSpec, "--store", store});
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.out,
              AllOf(StartsWith("tiny: 4 runs: 4 new\n"), HasSubstr("#1  new"),
                    HasSubstr("#4  new"), Not(HasSubstr("prices"))));
  EXPECT_EQ(Call({"status", "-q", kSpec, "--store", store}).out, "");
}

TEST(CliTest, SpecPrintsTheExperimentOrItsResolvedRuns) {
  const std::string store = NewDir() + "/store";
  EXPECT_THAT(Call({"spec", kSpec, "--store", store}).out,
              StartsWith("name: \"tiny\""));
  const Said resolved = Call({"spec", "--resolved", kSpec, "--store", store});
  EXPECT_THAT(resolved.out,
              AllOf(HasSubstr("# base seed 1"), HasSubstr("# rank=2 seed 2"),
                    HasSubstr("weight_decay: 0.05")));
}

TEST(CliTest, DescribeExperimentPrintsEachModelOfItsCellsBaseFirst) {
  const Said said = Call({"describe", kSpec});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out,
              AllOf(StartsWith("base\npart "), HasSubstr("\n\nrank=2\npart "),
                    HasSubstr("\nGFLOP of one image and a sentence of 16 "
                              "tokens; activations of an image: ")));
}

TEST(CliTest, DescribeReadsWhatSpecResolvedPrints) {
  const std::string dir = NewDir();
  const Said resolved =
      Call({"spec", "--resolved", kSpec, "--store", dir + "/store"});
  // The first run, which is the base's; a line that names it comes first.
  const size_t end = resolved.out.find("# rank=2");
  const size_t second = resolved.out.find("# base seed 2");
  ASSERT_NE(end, std::string::npos);
  Put(dir + "/run.textproto", resolved.out.substr(0, std::min(end, second)));
  const Said run = Call({"describe", dir + "/run.textproto"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(Call({"describe", kSpec}).out,
              StartsWith("base\n" + run.out + "\n"));
}

TEST(CliTest, DescribeReadsWeightsAndMetricLogs) {
  const std::string dir = NewDir();
  ASSERT_THAT(
      WriteSafetensors(dir + "/w.safetensors",
                       {{"prompter.x", SafetensorsDtype::kU8, {3}, "abc"}}),
      IsOk());
  EXPECT_THAT(Call({"describe", dir + "/w.safetensors"}).out,
              HasSubstr("\nprompter.x  U8     [3]    prompter\n"));
  Put(dir + "/rank00000.metrics", EncodeMetricLogHeader());
  EXPECT_EQ(Call({"describe", dir + "/rank00000.metrics"}).out,
            "# " + dir + "/rank00000.metrics: 0 records\n");
}

TEST(CliTest, DescribeOfABrokenFileIsOneErrorThatNamesIt) {
  const std::string dir = NewDir();
  for (const char* name :
       {"/w.safetensors", "/l.metrics", "/e.textproto", "/f.png"}) {
    Put(dir + name, "neither of these: a file of words");
    const Said said = Call({"describe", dir + name});
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr(dir + name));
    EXPECT_EQ(said.err.find('\n'), said.err.size() - 1) << said.err;
    EXPECT_EQ(Call({"describe", dir + "/absent" + name}).code, 1);
  }
  Put(dir + "/r.textproto",
      "# proto-message: transect.RunSpec\nmodel { rsrefseg { siglip { vision { "
      "heads: 7 } } } }");
  const Said run = Call({"describe", dir + "/r.textproto"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr("model.rsrefseg.siglip.vision"),
                             HasSubstr("r.textproto")));
}

TEST(CliTest, SpecCheckIsSilentOrSaysWhereWhatIsWrong) {
  const Said good = Call({"spec", "--check", kSpec, "--store", "/dev/null/x"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_EQ(good.out + good.err, "");
  const std::string path = NewDir() + "/wrong.textproto";
  Put(path, "name: \"a b\"\nbase {}\n");
  const Said wrong = Call({"spec", path, "--check"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr(path + ":1:"));
  EXPECT_EQ(Call({"spec", kSpec, "--check", "--resolved"}).code, 1);
}

TEST(CliTest, HelpPrintsWhatAFieldMeans) {
  const Said field = Call({"help", "model.rsrefseg.sam.lora.rank"});
  EXPECT_EQ(field.code, 0) << field.err;
  EXPECT_THAT(field.out, StartsWith("model.rsrefseg.sam.lora.rank: "));
  EXPECT_THAT(Call({"help"}).out, HasSubstr("\n  design: list of Design\n"));
  const Said wrong = Call({"help", "trainin"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"training\"?"));
}

TEST(CliTest, UnderBazelRunPathsAreRelativeToWhereTheCommandWasTyped) {
  const std::string here = std::filesystem::current_path().string();
  const std::string typed = NewDir();
  const std::string runfiles = NewDir() + "/transect.runfiles/transect";
  std::filesystem::copy(kSpec, typed + "/mine.textproto");
  ASSERT_THAT(MakeDirs(runfiles), IsOk());
  ASSERT_EQ(chdir(runfiles.c_str()), 0);
  setenv("BUILD_WORKING_DIRECTORY", typed.c_str(), 1);
  const Said said = Call({"plan", "mine.textproto"});
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(std::filesystem::current_path().string(),
            std::filesystem::canonical(typed).string());
  ASSERT_EQ(chdir(here.c_str()), 0);
}

}  // namespace
}  // namespace transect
