#include "launch/plan/weights_fit.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "model/model.pb.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// make_hugging_face.py; the adapters of SAM have rank 2.
const char kPublished[] = "tests/golden/testdata/published";

// A run that reads those adapters.
RunSpec RunOfRank(int rank) {
  RunSpec run;
  *run.mutable_model() = *ReadTextproto<ModelSpec>(std::string(kPublished) +
                                                   "/published.textproto");
  run.mutable_model()
      ->mutable_rsrefseg()
      ->mutable_sam()
      ->mutable_lora()
      ->set_rank(rank);
  run.mutable_weights()->mutable_random();
  run.mutable_weights()->mutable_adapters()->set_role("mine");
  run.mutable_weights()->mutable_adapters()->add_parts(
      FoundAdapters::SAM_VISION);
  ResolveRun(&run);
  return run;
}

// A plan with a data set and a run of each rank, each in a cell of its own.
Plan PlanOf(const std::vector<int>& ranks) {
  Plan plan;
  FoundInput& found = plan.found.emplace_back();
  found.kind = Input::Kind::kWeights;
  found.role = "mine";
  found.path = std::string(kPublished) + "/adapters";
  plan.jobs.emplace_back().launch.mutable_synthesis();
  plan.first_run = 1;
  DesignCells& design = plan.expansion.designs.emplace_back();
  for (const int rank : ranks) {
    Job& job = plan.jobs.emplace_back();
    *job.launch.mutable_train()->mutable_run() = RunOfRank(rank);
    Cell& cell = design.cells.emplace_back();
    cell.label = "rank=" + std::to_string(rank);
    cell.runs = {static_cast<int>(design.cells.size()) - 1};
  }
  plan.weights = FitWeights(plan.found, &plan.jobs);
  return plan;
}

std::string Text(const Plan& plan) {
  return FitText(plan.weights[0], plan.expansion, plan.first_run);
}

TEST(FitWeightsTest, AdaptersFitTheCellsOfTheirRank) {
  const Plan plan = PlanOf({8, 2, 3});
  ASSERT_THAT(plan.weights, SizeIs(1));
  EXPECT_THAT(plan.weights[0].fits, ElementsAre(2));
  EXPECT_THAT(plan.weights[0].misfits, ElementsAre(1, 3));
  EXPECT_EQ(plan.jobs[2].misfit, "");
  EXPECT_THAT(plan.jobs[1].misfit, HasSubstr("weights role 'mine': "));
  EXPECT_THAT(plan.jobs[1].misfit, HasSubstr("r is 2, must be 8"));
  EXPECT_THAT(plan.jobs[3].misfit, HasSubstr("r is 2, must be 3"));
  EXPECT_THAT(
      Text(plan),
      HasSubstr(
          "weights role 'mine' (tests/golden/testdata/published/adapters)"
          " fits rank=2, not rank=8 and rank=3, which are not started; "
          "the first: tests/golden/testdata/published/adapters/"
          "sam_vision/adapter_config.json disagrees with the spec: r is 2, "
          "must be 8"));
}

TEST(FitWeightsTest, OfADirectoryThatFitsNothingTheReasonIsEnough) {
  const Plan plan = PlanOf({8});
  EXPECT_THAT(plan.weights[0].fits, IsEmpty());
  EXPECT_EQ(Text(plan), plan.jobs[1].misfit);
}

TEST(FitWeightsTest, WhatIsNotThereIsAnotherProblem) {
  Plan plan = PlanOf({8});
  plan.jobs[1].misfit.clear();
  plan.found[0].problem = absl::NotFoundError("no such role");
  EXPECT_THAT(FitWeights(plan.found, &plan.jobs), IsEmpty());
  EXPECT_EQ(plan.jobs[1].misfit, "");
}

// The plan asks only for what fits; where nothing that is selected does, it
// says so instead.
TEST(FitWeightsTest, OnlyWhatFitsIsWanted) {
  Plan plan = PlanOf({8, 2});
  for (Job& job : plan.jobs) job.state = JobState::kNew;
  plan.expansion.runs.resize(2);
  plan.expansion.spec_ids = {"a", "b"};
  ASSERT_TRUE(SelectRuns({}, &plan).ok());
  EXPECT_FALSE(plan.jobs[1].wanted);
  EXPECT_TRUE(plan.jobs[2].wanted);
  EXPECT_THAT(MisfitsText(plan), ElementsAre(Text(plan)));
  // Done before, the other cell still waits.
  plan.jobs[2].state = JobState::kDone;
  ASSERT_TRUE(SelectRuns({}, &plan).ok());
  EXPECT_FALSE(plan.jobs[1].wanted);
  EXPECT_THAT(MisfitsText(plan), SizeIs(1));
  ASSERT_TRUE(SelectRuns({{"#1"}}, &plan).ok());
  EXPECT_TRUE(plan.jobs[1].wanted) << "an obstacle says why it cannot start";
  EXPECT_THAT(MisfitsText(plan), IsEmpty());
}

}  // namespace
}  // namespace transect
