#include "launch/plan/plan.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kOther[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr auto kData = Job::Kind::kData;

// tests/e2e/tiny.textproto: two data sets, a tokenizer, initial weights and
// 2 cells x 2 seeds.
class PlanTest : public testing::Test {
 protected:
  PlanTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::OpenOrCreate(NewDir() + "/store")) {}

  Plan Make(const std::string& code = kCode) {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, site_, code, nullptr);
    EXPECT_THAT(plan, IsOk());
    return *std::move(plan);
  }

  static int CountWanted(const Plan& plan) {
    int wanted = 0;
    for (const Job& job : plan.jobs) wanted += job.wanted ? 1 : 0;
    return wanted;
  }

  Experiment experiment_;
  Store store_;
  SiteFile site_;
};

TEST_F(PlanTest, InAnEmptyStoreEverythingIsToDo) {
  const Plan plan = Make();
  EXPECT_THAT(plan.jobs, SizeIs(8));
  EXPECT_EQ(plan.first_run, 4);
  EXPECT_EQ(plan.CountRuns(JobState::kNew), 4);
  EXPECT_EQ(CountWanted(plan), 8);
}

TEST_F(PlanTest, WritesNothing) {
  const std::string root = NewDir() + "/store";
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(root));
  ASSERT_THAT(MakePlan(*Expand(experiment_, {}), store, site_, kCode, nullptr),
              IsOk());
  EXPECT_FALSE(FileExists(root));
}

TEST_F(PlanTest, WhatAJobNeedsComesBeforeIt) {
  const Plan plan = Make();
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    for (const int needed : plan.jobs[i].needs) {
      EXPECT_LT(needed, static_cast<int>(i));
    }
  }
  // Data, tokenizer, weights.
  EXPECT_THAT(plan.jobs[plan.first_run].needs, SizeIs(3));
}

TEST_F(PlanTest, RanksAreToldWhereTheInputsLie) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  const TrainJob& train = run.launch.train();
  EXPECT_EQ(train.data_root(), store_.InputDir(run.inputs.data()) + "/data");
  EXPECT_EQ(train.tokenizer_path(),
            store_.InputDir(run.inputs.tokenizer()) + "/spiece.model");
  EXPECT_EQ(
      train.initial_weights().trained(),
      store_.WeightsDir(run.inputs.weights(), kCode) + "/weights.safetensors");
  ASSERT_THAT(train.evaluation(), SizeIs(1));
  EXPECT_EQ(train.evaluation(0).split(), "val");
  EXPECT_EQ(run.dir, store_.RunDir(run.id, kCode));
  EXPECT_EQ(run.launch.code(), kCode);
}

// spec.textproto of a job is the spec that its ranks get.
TEST_F(PlanTest, SpecTextsReadBack) {
  const Plan plan = Make();
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    const LaunchPlan& launch = plan.jobs[i].launch;
    const std::string text = SpecText(plan, static_cast<int>(i));
    if (launch.has_synthesis()) {
      SynthesisSpec spec;
      ASSERT_THAT(ParseTextproto(text, "", &spec), IsOk());
      EXPECT_THAT(spec, EqualsProto(launch.synthesis()));
    } else if (launch.has_tokenizer()) {
      SentencepieceSpec spec;
      ASSERT_THAT(ParseTextproto(text, "", &spec), IsOk());
      EXPECT_THAT(spec, EqualsProto(launch.tokenizer().spec()));
    } else {
      RunSpec spec;
      ASSERT_THAT(ParseTextproto(text, "", &spec), IsOk());
      EXPECT_THAT(spec, EqualsProto(launch.train().run()));
      if (static_cast<int>(i) >= plan.first_run) {
        EXPECT_THAT(text, HasSubstr("# id: " + plan.jobs[i].id + "\n"));
      }
    }
  }
}

TEST_F(PlanTest, InitialWeightsAreTrainedWithoutEvaluation) {
  for (const Job& job : Make().jobs) {
    if (job.kind == Job::Kind::kWeights) {
      EXPECT_THAT(job.launch.train().evaluation(), SizeIs(0));
      EXPECT_FALSE(job.launch.train().initial_weights().has_trained());
      EXPECT_EQ(job.launch.train().run().training().steps(), 3);
    }
  }
}

TEST_F(PlanTest, ADoneRunIsNotWantedAndInputsOnlyForRunsThatAre) {
  Plan plan = Make();
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    PutDone(plan.jobs[i].dir, plan.jobs[i].launch, kCode);
    const Plan now = Make();
    EXPECT_EQ(now.jobs[i].state, JobState::kDone);
    EXPECT_EQ(now.jobs[i].result.id(), plan.jobs[i].id);
    const int left = static_cast<int>(plan.jobs.size() - i) - 1;
    EXPECT_EQ(CountWanted(now), left == 0 ? 0 : 4 + left);
  }
}

TEST_F(PlanTest, AnotherSplitIsEvaluatedAndNothingIsTrainedAgain) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  PutDone(run.dir, run.launch, kCode);
  RunSpec* const base = experiment_.mutable_base();
  base->mutable_data()->add_eval_splits("val");
  base->mutable_data()->add_eval_splits("test");
  base->mutable_data()->mutable_synthesis()->set_test_images(4);
  Plan now = Make();
  const Job trained = now.jobs[now.first_run];
  EXPECT_EQ(trained.id, run.id);
  EXPECT_EQ(trained.state, JobState::kTrained);
  EXPECT_EQ(trained.note, "trained; not evaluated on test");
  EXPECT_TRUE(trained.wanted);
  // It failed in the evaluation: the next attempt need not train either.
  Put(run.dir + "/attempts/0002/outcome.textproto",
      "exit_code: 65 rank: 0 cause: \"DATA: no such image\"");
  Put(run.dir + "/attempts/0002/launch.textproto",
      PrintTextproto(trained.launch));
  now = Make();
  EXPECT_EQ(now.jobs[now.first_run].state, JobState::kFailed);
  // Another run that trains the same failed: that is no failure of this one.
  Put(run.dir + "/attempts/0003/outcome.textproto",
      "exit_code: 65 rank: 0 cause: \"DATA: no such image\"");
  Put(run.dir + "/attempts/0003/launch.textproto", PrintTextproto(run.launch));
  now = Make();
  EXPECT_EQ(now.jobs[now.first_run].state, JobState::kTrained);
  PutDone(trained.dir, trained.launch, kCode);
  EXPECT_EQ(Make().jobs[now.first_run].state, JobState::kDone);
}

// tests/launch/plan/testdata/h1_store: a run of 5 steps, made by the last
// program with ids of scheme h1, without its weights and logs.
TEST_F(PlanTest, ARunOfAnOlderSchemeIsNotNew) {
  const std::string root = NewDir() + "/store";
  const std::string fixture = "tests/launch/plan/testdata/h1_store";
  std::filesystem::copy(fixture, root,
                        std::filesystem::copy_options::recursive);
  const std::string dir =
      root + "/runs/20/20dc3aaf5449a1dbd759f0a7e6ee00bb/8988bdee8994";
  ASSERT_OK_AND_ASSIGN(const Result result,
                       ReadTextproto<Result>(ResultPath(dir)));
  for (const ResultFile& file : result.file()) {
    Put(absl::StrCat(dir, "/", file.path()), "");
    std::filesystem::resize_file(absl::StrCat(dir, "/", file.path()),
                                 file.bytes());
  }
  std::filesystem::remove(root + "/experiment.textproto");
  ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                       LoadExperiment(fixture + "/experiment.textproto"));
  ASSERT_OK_AND_ASSIGN(const Store old, Store::Open(root));
  for (const bool written : {false, true}) {
    SCOPED_TRACE(written);
    ASSERT_OK_AND_ASSIGN(const Plan plan, MakePlan(*Expand(experiment, {}), old,
                                                   site_, kCode, nullptr));
    EXPECT_EQ(plan.CountRuns(JobState::kOlder), 1);
    EXPECT_EQ(plan.CountRuns(JobState::kNew), 3);
    const Job& run = plan.jobs[plan.first_run];
    EXPECT_EQ(run.state, JobState::kOlder);
    EXPECT_THAT(run.note, HasSubstr("h1:20dc3aaf5449 (code 8988bdee8994)"));
    EXPECT_TRUE(run.wanted);
    // Once written to, the store is of the present version.
    ASSERT_THAT(Store::OpenOrCreate(root), IsOk());
  }
  // A run that trains something else is new.
  Experiment other = experiment;
  other.mutable_base()->mutable_training()->set_steps(6);
  ASSERT_OK_AND_ASSIGN(const Plan plan, MakePlan(*Expand(other, {}), old, site_,
                                                 kCode, nullptr));
  EXPECT_EQ(plan.CountRuns(JobState::kNew), 4);
}

TEST_F(PlanTest, AMadeInputIsNotMadeAgain) {
  const Plan plan = Make();
  ASSERT_EQ(plan.jobs[0].kind, kData);
  PutResult(plan.jobs[0].dir, plan.jobs[0].id, "any code");
  const Plan now = Make();
  EXPECT_EQ(now.jobs[0].state, JobState::kDone);
  EXPECT_FALSE(now.jobs[0].wanted);
}

TEST_F(PlanTest, ARunOfOtherCodeIsStaleAndToDo) {
  const Plan plan = Make(kOther);
  const Job& run = plan.jobs[plan.first_run];
  PutDone(run.dir, run.launch, kOther);
  const Plan now = Make();
  EXPECT_EQ(now.jobs[plan.first_run].state, JobState::kStale);
  EXPECT_THAT(now.jobs[plan.first_run].note, HasSubstr("aaaaaaaaaaaa"));
  EXPECT_TRUE(now.jobs[plan.first_run].wanted);
}

TEST_F(PlanTest, ARunOfAnAcceptedCodeIsDone) {
  const Plan other = Make(kOther);
  const Job& run = other.jobs[other.first_run];
  PutDone(run.dir, run.launch, kOther);
  // Failed under the present code: that it was done elsewhere counts.
  const Plan present = Make();
  Put(present.jobs[present.first_run].dir + "/attempts/0001/outcome.textproto",
      "exit_code: 71 rank: 0 cause: \"NON_FINITE: the loss is nan\"");
  for (const char* start : {"aaaa", kOther}) {
    ASSERT_OK_AND_ASSIGN(
        const Plan now, MakePlan(*Expand(experiment_, {}), store_, site_, kCode,
                                 nullptr, {start}));
    const Job& accepted = now.jobs[now.first_run];
    EXPECT_EQ(accepted.state, JobState::kDone);
    EXPECT_EQ(accepted.dir, run.dir);
    EXPECT_EQ(accepted.result.code(), kOther);
    EXPECT_THAT(accepted.note, HasSubstr("aaaaaaaaaaaa"));
    EXPECT_FALSE(accepted.wanted);
    EXPECT_EQ(now.CountRuns(JobState::kNew), 3);
  }
}

TEST_F(PlanTest, AnAcceptedCodeMustBeOneOfTheStore) {
  const Plan other = Make(kOther);
  const Job& run = other.jobs[other.first_run];
  PutDone(run.dir, run.launch, kOther);
  EXPECT_THAT(
      MakePlan(*Expand(experiment_, {}), store_, site_, kCode, nullptr,
               {"bbb"}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("--accept-code bbb: no code in the store"),
                     HasSubstr("it can be aaaaaaaaaaaa"))));
  ASSERT_THAT(MakeDirs(store_.BundleDir("aaaabbbbccccdddd")), IsOk());
  EXPECT_THAT(MakePlan(*Expand(experiment_, {}), store_, site_, kCode, nullptr,
                       {"aaaa"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("aaaaaaaaaaaa, aaaabbbbcccc")));
  EXPECT_THAT(
      MakePlan(*Expand(experiment_, {}), store_, site_, kCode, nullptr, {""}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--accept-code")));
}

TEST_F(PlanTest, WithoutCodeADoneRunIsNotTakenForDone) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  PutDone(run.dir, run.launch, kCode);
  const Plan now = Make("");
  EXPECT_EQ(now.jobs[plan.first_run].state, JobState::kStale);
  EXPECT_EQ(now.jobs[plan.first_run].id, run.id);
}

TEST_F(PlanTest, ACorruptResultIsNeitherDoneNorToDo) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  Put(run.dir + "/result.textproto", "garbage");
  const Plan now = Make();
  EXPECT_EQ(now.jobs[plan.first_run].state, JobState::kCorrupt);
  EXPECT_THAT(now.jobs[plan.first_run].note,
              HasSubstr(run.dir + "/result.textproto"));
  EXPECT_FALSE(now.jobs[plan.first_run].wanted);
}

TEST_F(PlanTest, ATrainingThatFailedForAnotherRunMayHaveFailedAtItsSplit) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  LaunchPlan other = run.launch;
  other.mutable_train()->add_evaluation()->set_id("another");
  Put(run.dir + "/attempts/0001/launch.textproto", PrintTextproto(other));
  const auto now = [&](const std::string& outcome) {
    Put(run.dir + "/attempts/0001/outcome.textproto", outcome);
    return Make().jobs[plan.first_run];
  };
  const Job untried = now("exit_code: 65 cause: \"DATA: no such image\"");
  EXPECT_EQ(untried.state, JobState::kNew);
  EXPECT_EQ(untried.note, "");
  EXPECT_EQ(now("exit_code: 71 cause: \"the loss is nan\"").state,
            JobState::kFailed);
  Put(run.dir + "/attempts/0001/launch.textproto", PrintTextproto(run.launch));
  EXPECT_EQ(now("exit_code: 65 cause: \"DATA: no such image\"").state,
            JobState::kFailed);
}

TEST_F(PlanTest, ARunWhoseLeaseIsHeldIsRunning) {
  const Plan plan = Make();
  ASSERT_THAT(MakeDirs(plan.jobs[plan.first_run].dir), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Lease> lease,
                       Lease::TryTake(plan.jobs[plan.first_run].dir));
  EXPECT_EQ(Make().jobs[plan.first_run].state, JobState::kRunning);
}

TEST_F(PlanTest, TheLastAttemptDecidesBetweenFailedAndInterrupted) {
  const Plan plan = Make();
  const std::string dir = plan.jobs[plan.first_run].dir;
  Put(dir + "/attempts/0001/outcome.textproto",
      "exit_code: 71 rank: 0 cause: \"NON_FINITE: the loss is nan\"");
  Plan now = Make();
  EXPECT_EQ(now.jobs[plan.first_run].state, JobState::kFailed);
  EXPECT_EQ(now.jobs[plan.first_run].note, "NON_FINITE: the loss is nan");
  EXPECT_TRUE(now.jobs[plan.first_run].wanted);
  Put(dir + "/attempts/0002/launch.textproto", "");
  now = Make();
  EXPECT_EQ(now.jobs[plan.first_run].state, JobState::kNew);
  EXPECT_THAT(now.jobs[plan.first_run].note, HasSubstr("attempt 2"));
}

TEST_F(PlanTest, SelectorsSayWhichRunsTheCommandIsAbout) {
  Plan plan = Make();
  PutDone(plan.jobs[plan.first_run].dir, plan.jobs[plan.first_run].launch,
          kCode);
  plan = Make();
  const std::string id = plan.jobs[plan.first_run + 1].id;
  ASSERT_THAT(SelectRuns({id.substr(0, 12)}, &plan), IsOk());
  EXPECT_EQ(CountWanted(plan), 5);
  EXPECT_TRUE(plan.jobs[plan.first_run + 1].wanted);
  ASSERT_THAT(SelectRuns({"state=DONE"}, &plan), IsOk());
  EXPECT_EQ(plan.CountSelected(), 1);
  EXPECT_EQ(plan.CountRuns(JobState::kDone), 1);
  EXPECT_EQ(plan.CountRuns(JobState::kNew), 0);
  EXPECT_EQ(CountWanted(plan), 0);
  ASSERT_THAT(SelectRuns({"rank=2", "seed>1"}, &plan), IsOk());
  EXPECT_EQ(plan.CountSelected(), 1);
  EXPECT_TRUE(plan.jobs[plan.first_run + 3].selected);
  EXPECT_THAT(SelectRuns({"xyz"}, &plan),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("xyz")));
  EXPECT_THAT(SelectRuns({""}, &plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("position 1: expected")));
}

}  // namespace
}  // namespace transect
