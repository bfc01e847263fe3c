// How people name runs, as `transect why` takes it; tests/e2e has verbs that
// need the worker.
#include "launch/cli/run_reference.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/file.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Cells base and rank=2 with seeds 1 and 2.
constexpr char kSpec[] = "tests/e2e/tiny.textproto";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

class RunReferenceTest : public ::testing::Test {
 protected:
  RunReferenceTest()
      : dir_(NewDir()),
        store_(Store::OpenOrCreate(dir_ + "/store").value()),
        expansion_(*Expand(*LoadExperiment(kSpec), {})) {}

  Said Why(const std::string& a, const std::string& b, bool with_spec) {
    std::vector<std::string> words = {"why", a, b, "--store", store_.root()};
    if (with_spec) words.insert(words.end(), {"--spec", kSpec});
    return Call(words);
  }

  // File with the spec of run `index`.
  std::string SpecFile(int index) {
    const std::string path = absl::StrCat(dir_, "/", index, ".textproto");
    Put(path, PrintResolved(expansion_, index));
    return path;
  }

  // Leaves run `index` in the store, done.
  void Finish(int index) {
    const std::string& id = expansion_.spec_ids[index];
    const std::string run_dir = store_.RunDir(id, kCode);
    const std::string text = PrintResolved(expansion_, index);
    PutResult(run_dir, id, kCode);
    Put(ResultPath(run_dir),
        absl::StrCat("id: '", id, "' code: '", kCode,
                     "' attempt: 1 file { path: 'out' bytes: 3 }"));
    Put(SpecPath(run_dir), text);
    const std::string attempt = AttemptDir(run_dir, 1);
    Put(LaunchPath(attempt), absl::StrCat("id: '", id, "' job_dir: '", run_dir,
                                          "' train { run { ", text, "\n} }"));
    const Reads& reads = expansion_.reads[index];
    Put(InputsPath(attempt),
        absl::StrCat("data: '", reads[InputName::kData], "' tokenizer: '",
                     reads[InputName::kTokenizer], "' weights: '",
                     reads[InputName::kWeights], "'"));
  }

  std::string dir_;
  Store store_;
  Expansion expansion_;
};

TEST_F(RunReferenceTest, NumbersSelectorsAndIdsOfRunsThatNobodyRan) {
  for (const std::string& second :
       {std::string("#3"), std::string("rank=2 seed=1"),
        std::string("cell=\"rank=2\" seed=1"), expansion_.spec_ids[2]}) {
    const Said said = Why("#1", second, true);
    EXPECT_EQ(said.code, 2) << second << said.err;
    EXPECT_THAT(said.out, HasSubstr("model.rsrefseg.sam.lora.rank")) << second;
    EXPECT_THAT(said.out, HasSubstr("rank=2 seed 1")) << second;
  }
  EXPECT_EQ(Why("#1", "#1", true).code, 0);
}

TEST_F(RunReferenceTest, TwoFilesOfRunSpecs) {
  const Said said = Why(SpecFile(0), SpecFile(1), false);
  EXPECT_EQ(said.code, 2) << said.err;
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("differ in 1 field"), HasSubstr("  seed  1  2"),
                    HasSubstr(expansion_.spec_ids[0].substr(0, 12)),
                    HasSubstr("/1.textproto")));
  EXPECT_EQ(Why(SpecFile(0), SpecFile(0), false).code, 0);
  const Said many = Why(kSpec, SpecFile(0), false);
  EXPECT_EQ(many.code, 1);
  EXPECT_THAT(many.err, AllOf(HasSubstr("has 4 runs, must have one"),
                              HasSubstr("'#3'  rank=2 seed 1")));
}

// Files of several runs each are compared run by run.
TEST_F(RunReferenceTest, TwoExperimentsOfSeveralRuns) {
  EXPECT_EQ(Why(kSpec, kSpec, false).code, 0);
  ASSERT_OK_AND_ASSIGN(std::string text, ReadFile(kSpec));
  text = absl::StrReplaceAll(text, {{"\"16\", \"2\"", "\"16\", \"4\""},
                                    {"log_every: 1", "log_every: 2"}});
  const std::string other = dir_ + "/other.textproto";
  Put(other, text);
  const Said said = Why(kSpec, other, false);
  EXPECT_EQ(said.code, 2) << said.err;
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr("2 runs (base seed 1, base seed 2) differ in 1 field:\n"
                      "  training.log_every  1  2  (enters no id)\n"),
            HasSubstr("Only A has 2 runs (rank=2 seed 1, rank=2 seed 2).\n"),
            HasSubstr("Only B has 2 runs (rank=4 seed 1, rank=4 seed 2).\n")));
}

TEST_F(RunReferenceTest, ARunOfTheStoreBesideOneOfAnExperiment) {
  Finish(3);
  const std::string& id = expansion_.spec_ids[3];
  for (const std::string& reference :
       {id.substr(0, 8), absl::StrCat(id, "/fedc")}) {
    const Said said = Why(reference, SpecFile(0), false);
    EXPECT_EQ(said.code, 2) << said.err;
    EXPECT_THAT(said.out, HasSubstr("fedcba987654")) << reference;
  }
  // What the store has under the id that an experiment gives a run.
  const Said both = Why("#4", id, true);
  EXPECT_EQ(both.code, 0) << both.out << both.err;
  EXPECT_THAT(both.out, HasSubstr("They are one run."));
}

TEST_F(RunReferenceTest,
       WhatMeansNothingOrSeveralIsAnErrorThatSaysWhatThereIs) {
  const auto error = [this](const std::string& reference, bool with_spec) {
    const Said said = Why(reference, reference, with_spec);
    EXPECT_EQ(said.code, 1) << reference;
    EXPECT_EQ(said.out, "");
    return said.err;
  };
  EXPECT_THAT(error("#3", false), HasSubstr("give its experiment with --spec"));
  EXPECT_THAT(error("rank=2", false), HasSubstr("--spec"));
  EXPECT_THAT(error("ffffffff", false), HasSubstr("no run whose id starts so"));
  EXPECT_THAT(error("rank=2", true),
              AllOf(HasSubstr("selects 2 runs, must select one"),
                    HasSubstr("'#4'  rank=2 seed 2")));
  EXPECT_THAT(error("ffffffff", true),
              HasSubstr("and no run of tiny has such an id"));
  EXPECT_THAT(error("/no/such.textproto", true), HasSubstr("/no/such"));
  EXPECT_THAT(error(" ", true), HasSubstr("name is empty"));
  const Said set = Call({"why", "aa", "bb", "--store", store_.root(), "--set",
                         "training.steps=3"});
  EXPECT_THAT(set.err, HasSubstr("--set goes with --spec"));
}

// The argument in the help of `why` works as it is typed.
TEST_F(RunReferenceTest, TheExampleInTheHelp) {
  EXPECT_THAT(Call({"why", "--help"}).out,
              HasSubstr("--spec FILE '#1' 'rank=2"));
  EXPECT_EQ(Why("#1", "rank=2 seed=1", true).code, 2);
}

TEST(RunsVerbTest, AnEmptyStoreAndASelectorThatMeansNothing) {
  const std::string store = NewDir() + "/store";
  const Said absent = Call({"runs", "--store", store});
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(absent.err, HasSubstr("there is no store " + store));
  EXPECT_FALSE(FileExists(store));
  ASSERT_THAT(Store::OpenOrCreate(store), IsOk());
  const Said none = Call({"runs", "--store", store});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.out, HasSubstr("No runs.\n"));
  const Said json = Call({"runs", "--store", store, "--format", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"formatVersion\": 1"));
  const Said wrong = Call({"runs", "rank=2", "--store", store});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("runs have no \"rank\""));
}

}  // namespace
}  // namespace transect
