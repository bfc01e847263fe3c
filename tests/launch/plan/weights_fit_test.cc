#include "launch/plan/weights_fit.h"

#include <string>
#include <utility>
#include <vector>

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
using ::testing::Pair;
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

// A run of each rank, each in a cell of its own, as jobs 1 and on.
class FitWeightsTest : public testing::Test {
 protected:
  std::vector<WeightsFit> Fit(const std::vector<int>& ranks) {
    const std::pair<std::string, std::string> directories[] = {
        {"mine", std::string(kPublished) + "/adapters"}};
    std::vector<RunSpec> runs;
    for (const int rank : ranks) runs.push_back(RunOfRank(rank));
    std::vector<Training> trainings;
    DesignCells& design = expansion_.designs.emplace_back();
    for (size_t i = 0; i < ranks.size(); ++i) {
      trainings.push_back({static_cast<int>(i) + 1, &runs[i]});
      Cell& cell = design.cells.emplace_back();
      cell.label = "rank=" + std::to_string(ranks[i]);
      cell.runs = {static_cast<int>(i)};
    }
    return FitWeights(directories, trainings);
  }

  Expansion expansion_;
};

TEST_F(FitWeightsTest, AdaptersFitTheCellsOfTheirRank) {
  const std::vector<WeightsFit> fits = Fit({8, 2, 3});
  ASSERT_THAT(fits, SizeIs(1));
  EXPECT_THAT(fits[0].fits, ElementsAre(2));
  EXPECT_THAT(fits[0].misfits,
              ElementsAre(Pair(1, HasSubstr("r is 2, must be 8")),
                          Pair(3, HasSubstr("r is 2, must be 3"))));
  EXPECT_THAT(
      FitText(fits[0], expansion_, 1),
      HasSubstr("weights role 'mine' (tests/golden/testdata/published/adapters)"
                " fits rank=2, not rank=8 and rank=3, which are not started; "
                "the first: tests/golden/testdata/published/adapters/"
                "sam_vision/adapter_config.json disagrees with the spec: r is "
                "2, must be 8"));
}

TEST_F(FitWeightsTest, OfADirectoryThatFitsNothingTheReasonIsEnough) {
  const std::vector<WeightsFit> fits = Fit({8});
  EXPECT_THAT(fits[0].fits, IsEmpty());
  EXPECT_EQ(FitText(fits[0], expansion_, 1),
            "weights role 'mine': " + fits[0].misfits[0].second);
}

TEST_F(FitWeightsTest, WhatIsNotThereIsAnotherProblem) {
  const RunSpec run = RunOfRank(8);
  EXPECT_THAT(FitWeights({}, {{{1, &run}}}), IsEmpty());
}

// The plan asks only for what fits; where nothing that is selected does, it
// says so instead.
TEST_F(FitWeightsTest, OnlyWhatFitsIsWanted) {
  Plan plan;
  plan.weights = Fit({8, 2});
  plan.expansion = expansion_;
  plan.expansion.runs.resize(2);
  plan.first_run = 1;
  plan.jobs.resize(3);
  plan.jobs[1].misfit = plan.weights[0].misfits[0].second;
  plan.expansion.spec_ids = {"a", "b"};
  ASSERT_TRUE(SelectRuns({}, &plan).ok());
  EXPECT_FALSE(plan.jobs[1].wanted);
  EXPECT_TRUE(plan.jobs[2].wanted);
  EXPECT_THAT(MisfitsText(plan),
              ElementsAre(FitText(plan.weights[0], expansion_, 1)));
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
