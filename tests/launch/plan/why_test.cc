#include "launch/plan/why.h"

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.h"
#include "launch/store/job_inputs.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kOther[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

CodeParts Parts() {
  CodeParts parts;
  CodeFile* worker = parts.add_binary();
  worker->set_path("launch/worker/transect_worker");
  worker->set_sha256(std::string(64, '1'));
  CodeFile* module = parts.add_binary();
  module->set_path("data/text/libm.so");
  module->set_sha256(std::string(64, '2'));
  CodeFile* library = parts.add_library();
  library->set_path("system_libraries/libjpeg.so.62");
  library->set_sha256(std::string(64, '4'));
  parts.set_libtorch_lock(std::string(64, '3'));
  parts.add_version("libtorch 2.7.1");
  parts.add_version("protobuf 3.21.12");
  parts.set_commit("0123456789abcdef");
  return parts;
}

// tests/e2e/tiny.textproto: cells base and rank=2 with seeds 1 and 2.
class WhyTest : public testing::Test {
 protected:
  WhyTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::OpenOrCreate(NewDir() + "/store")) {}

  Plan Make(const std::string& code = kCode) {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, SiteFile(), code, nullptr);
    EXPECT_THAT(plan, IsOk());
    return *std::move(plan);
  }

  RunIdentity Run(int index) {
    const Plan plan = Make();
    const Job& job = plan.jobs[plan.first_run + index];
    RunIdentity run;
    run.name = job.name;
    run.id = job.id;
    run.spec = job.launch.train().run();
    run.inputs = job.inputs;
    run.code = kCode;
    run.parts = Parts();
    return run;
  }

  Experiment experiment_;
  Store store_;
};

TEST_F(WhyTest, ARunAndItself) {
  EXPECT_THAT(ExplainRuns(Run(0), Run(0)),
              AllOf(HasSubstr("They are one run.\n"),
                    HasSubstr("The code is the same, fedcba987654.\n")));
}

TEST_F(WhyTest, AFieldOfTheSpecWithBothValues) {
  const std::string text = ExplainRuns(Run(0), Run(2));
  EXPECT_THAT(text, AllOf(HasSubstr("base seed 1"), HasSubstr("rank=2 seed 1"),
                          HasSubstr("The spec parts differ in 1 field:\n"
                                    "  model.rsrefseg.sam.lora.rank  16  2\n"),
                          HasSubstr("They read the same inputs.\n")));
}

TEST_F(WhyTest, TheSeedIsAFieldToo) {
  EXPECT_THAT(ExplainRuns(Run(0), Run(1)), HasSubstr("\n  seed  1  2\n"));
}

TEST_F(WhyTest, OtherInputsWithAndWithoutAFieldThatSaysWhy) {
  RunIdentity other = Run(0);
  other.id = std::string(32, '7');
  other.inputs.set_data(std::string(32, '8'));
  const std::string silent = ExplainRuns(Run(0), other);
  EXPECT_THAT(
      silent,
      AllOf(
          HasSubstr("The spec parts differ, and no field of the spec "
                    "does.\n"),
          HasSubstr("They read different inputs:\n  data  "),
          HasSubstr("  888888888888\n"),
          HasSubstr("data: both specs name the same source, so its content")));
  other.spec.mutable_data()->mutable_synthesis()->set_seed(9);
  EXPECT_THAT(ExplainRuns(Run(0), other),
              AllOf(HasSubstr("data.synthesis.seed"),
                    Not(HasSubstr("data: both specs"))));
}

// A preset is in no resolved spec; what it stands for is.
TEST_F(WhyTest, ACellOfAPresetDiffersInWhatThePresetStandsFor) {
  experiment_.mutable_base()->mutable_weights()->mutable_random();
  experiment_.mutable_base()->mutable_evaluation()->set_batch(1);
  Axis* const axis = experiment_.add_axis();
  axis->set_name("preset");
  axis->set_field("model.rsrefseg.preset");
  axis->add_values("RELEASED_CODE");
  experiment_.mutable_design(0)->mutable_one_factor()->add_axes("preset");
  const std::string text = ExplainRuns(Run(0), Run(4));
  EXPECT_THAT(text, AllOf(HasSubstr("  preset=RELEASED_CODE seed 1\n"),
                          HasSubstr("  model.rsrefseg.prompter.similarity  "),
                          HasSubstr("They read the same inputs.\n"),
                          Not(HasSubstr("model.rsrefseg.preset"))));
}

// `why` and `diff` know every input of the list, and no other.
TEST_F(WhyTest, EachInputThatDiffersIsNamed) {
  for (const InputInfo& input : kRunInputs) {
    NamedRun other;
    other.identity = Run(0);
    other.identity.id = std::string(32, '7');
    Reads reads = ReadsOf(other.identity.inputs);
    reads[input.name] = std::string(32, '8');
    other.identity.inputs = ToJobInputs(reads);
    const std::string row =
        absl::StrCat("They read different inputs:\n  ", input.text, "  ");
    for (const std::string& text :
         {ExplainRuns(Run(0), other.identity),
          CompareRuns({Run(0), std::nullopt}, other)}) {
      EXPECT_THAT(
          text,
          AllOf(HasSubstr(row), HasSubstr("  888888888888\n"),
                HasSubstr(absl::StrCat("  ", input.text, ": both specs name")),
                Not(HasSubstr("the same inputs"))))
          << input.text;
    }
  }
}

// The specs name published weights by other roles: the field says why.
TEST_F(WhyTest, PublishedWeightsOfAnotherRole) {
  RunIdentity a = Run(0);
  a.spec.mutable_weights()->mutable_found()->set_siglip_role("so400m");
  a.inputs.set_siglip(std::string(32, '5'));
  RunIdentity b = a;
  b.id = std::string(32, '7');
  b.spec.mutable_weights()->mutable_found()->set_siglip_role("base");
  b.inputs.set_siglip(std::string(32, '6'));
  EXPECT_THAT(ExplainRuns(a, b),
              AllOf(HasSubstr("  weights.found.siglip_role  so400m  base\n"),
                    HasSubstr("They read different inputs:\n"
                              "  siglip  555555555555  666666666666\n"),
                    Not(HasSubstr("both specs"))));
}

TEST_F(WhyTest, WhichPartOfTheCode) {
  RunIdentity other = Run(0);
  other.code = kOther;
  other.parts->mutable_binary(0)->set_sha256(std::string(64, '9'));
  EXPECT_THAT(
      ExplainRuns(Run(0), other),
      AllOf(HasSubstr("The spec parts are the same: they differ in code "
                      "alone.\n"),
            HasSubstr("The code differs in worker:\n"
                      "  launch/worker/transect_worker  111111111111  "
                      "999999999999\n"),
            Not(HasSubstr("libm.so"))));
  other.parts->mutable_binary(0)->set_sha256(std::string(64, '1'));
  other.parts->mutable_binary(1)->set_sha256(std::string(64, '9'));
  other.parts->set_libtorch_lock(std::string(64, '9'));
  other.parts->set_version(1, "protobuf 3.21.13");
  other.parts->set_commit("fedcba9876543210");
  other.parts->set_dirty(true);
  EXPECT_THAT(ExplainRuns(Run(0), other),
              AllOf(HasSubstr("differs in modules, lock of LibTorch, system "
                              "versions:\n"),
                    HasSubstr("version of protobuf"), HasSubstr("3.21.13\n"),
                    HasSubstr("fedcba987654 and changes\n"),
                    Not(HasSubstr("version of libtorch"))));
  other.parts.reset();
  EXPECT_THAT(ExplainRuns(Run(0), other), HasSubstr("is not known\n"));
}

TEST_F(WhyTest, SideBySide) {
  NamedRun a;
  a.identity = Run(0);
  NamedRun b;
  b.identity = Run(2);
  b.identity.spec.mutable_training()->set_log_every(3);
  EXPECT_THAT(
      CompareRuns(a, b),
      AllOf(HasSubstr("model.rsrefseg.sam.lora.rank"),
            HasSubstr("training.log_every"), HasSubstr("3  (enters no id)\n"),
            HasSubstr("Results: both are not done.\n")));
  a.outcome.emplace();
  MeasuredSplit val;
  val.name = "val";
  val.scores.item_ids = {1, 2};
  val.scores.measures = {{ReportCell::GIOU, 0.5, 2}};
  val.content_digest = std::string(64, '1');
  a.outcome->splits = {val};
  a.outcome->result.set_steps(5);
  RunOutcome other = *a.outcome;
  other.splits[0].scores.measures = {{ReportCell::GIOU, 0.25, 2}};
  b.outcome = other;
  const std::string text = CompareRuns(a, b);
  EXPECT_THAT(text, AllOf(HasSubstr("  gIoU   50.00  25.00\n"),
                          HasSubstr("  steps               5    5\n"),
                          Not(HasSubstr("cannot be compared")),
                          Not(HasSubstr("machines"))));
  b.outcome->result.mutable_machine()->set_processor("EPYC");
  EXPECT_THAT(CompareRuns(a, b),
              AllOf(HasSubstr("different kinds of machines"),
                    HasSubstr("    A  not recorded\n    B  EPYC (")));
  b.outcome->splits[0].content_digest = std::string(64, '2');
  EXPECT_THAT(CompareRuns(a, b),
              AllOf(HasSubstr("images or true masks differ: the numbers cannot "
                              "be compared\n"),
                    HasSubstr("content  111111111111  222222222222\n")));
  // Not known is not another one.
  b.outcome->splits[0].content_digest.clear();
  EXPECT_THAT(CompareRuns(a, b), Not(HasSubstr("cannot be compared")));
  b.outcome->splits[0].scores.item_ids = {1, 3};
  EXPECT_THAT(CompareRuns(a, b), HasSubstr("cannot be compared"));
  val.name = "test";
  b.outcome->splits.push_back(val);
  EXPECT_THAT(CompareRuns(a, b),
              HasSubstr("Results on test: only B was evaluated on it.\n"));
  b.outcome.reset();
  EXPECT_THAT(CompareRuns(a, b), HasSubstr("Results: B is not done.\n"));
}

TEST_F(WhyTest, StaleRunsByTheCodeThatTheyAreDoneUnder) {
  const StaleCommands commands = {"transect run x",
                                  "transect evaluate --spec x"};
  EXPECT_EQ(ExplainStale(Make(), store_, Parts(), commands),
            "No run is stale.\n");
  const Plan other = Make(kOther);
  const Job& run = other.jobs[other.first_run + 1];
  PutDone(run.dir, run.launch, kOther);
  CodeParts old = Parts();
  old.mutable_library(0)->set_sha256(std::string(64, '5'));
  old.set_version(1, "protobuf 3.21.11");
  Put(store_.BundleDir(kOther) + "/code.textproto", PrintTextproto(old));
  EXPECT_EQ(
      ExplainStale(Make(), store_, Parts(), commands),
      absl::StrCat(
          "1 run is done under code aaaaaaaaaaaa; specification and inputs are "
          "equal, the code changed to fedcba987654 in libraries, system "
          "versions:\n"
          "  system_libraries/libjpeg.so.62  555555555555  444444444444\n"
          "  version of protobuf             3.21.11       3.21.12\n"
          "runs\n  ",
          run.id.substr(0, 12),
          "  base seed 2\n"
          "reuse them: transect run x --accept-code=aaaaaaaaaaaa\n\n"
          "rerun them: transect run x\n"));
  // Another way to evaluate in the experiment: the advice says how.
  experiment_.mutable_base()->mutable_evaluation()->set_batch(3);
  EXPECT_THAT(ExplainStale(Make(), store_, Parts(), commands),
              HasSubstr(absl::StrCat(
                  "evaluate first as the experiment says now: "
                  "transect evaluate --spec x --run ",
                  run.id.substr(0, 12), "/aaaaaaaaaaaa --split val\n")));
}

}  // namespace
}  // namespace transect
