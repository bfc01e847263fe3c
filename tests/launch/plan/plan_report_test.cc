// What the report says; how it looks is plan_text_test's.
#include "launch/plan/plan_report.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The table of the reference, n against n and n pairs.
TEST(SmallestPTest, EqualsTheTable) {
  const std::vector<std::vector<double>> rows = {
      {2, 0.333, 0.5},      {3, 0.10, 0.25},       {4, 0.029, 0.125},
      {5, 0.0079, 0.0625},  {6, 0.0022, 0.031},    {7, 0.00058, 0.0156},
      {8, 0.00016, 0.0078}, {10, 0.000011, 0.0020}};
  for (const std::vector<double>& row : rows) {
    const PlanTests tests = SmallestP(static_cast<int>(row[0]));
    EXPECT_NEAR(tests.smallest_p_unpaired(), row[1], 0.05 * row[1]) << row[0];
    EXPECT_NEAR(tests.smallest_p_paired(), row[2], 0.05 * row[2]) << row[0];
  }
  EXPECT_EQ(SmallestP(1).smallest_p_unpaired(), 1);
  EXPECT_EQ(SmallestP(1).smallest_p_paired(), 1);
}

class PlanReportTest : public testing::Test {
 protected:
  PlanReportTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::Open(NewDir() + "/store")),
        plan_(*MakePlan(*Expand(experiment_, {}), store_, SiteFile(),
                        "fedcba9876543210fedcba9876543210", nullptr)) {
    frame_.run_command = "run it";
    frame_.report_command = "report it";
    prices_.resize(plan_.jobs.size());
    for (JobPrice& price : prices_) {
      price.seconds = {1800, 3600, 7200};
      price.flops = 10;
      price.disk_bytes = 5;
      price.memory_bytes = 7;
      price.device_memory_bytes = 3;
    }
  }

  PlanReport Report() {
    return BuildPlanReport(plan_, experiment_, prices_, frame_);
  }

  Experiment experiment_;
  Store store_;
  Plan plan_;
  PlanFrame frame_;
  std::vector<JobPrice> prices_;
};

TEST_F(PlanReportTest, SumsWhatIsWanted) {
  ASSERT_THAT(SelectRuns({plan_.jobs[plan_.first_run].id}, &plan_), IsOk());
  const PlanReport report = Report();
  EXPECT_EQ(report.total().launch(), 1);
  EXPECT_EQ(report.total().make(), 4);
  EXPECT_EQ(report.total().unit(), "cpu-h");
  EXPECT_EQ(report.total().price().hours().value(), 5);
  EXPECT_EQ(report.total().price().hours().high(), 10);
  EXPECT_EQ(report.total().price().flops(), 50);
  EXPECT_EQ(report.total().price().disk_bytes(), 25);
  EXPECT_EQ(report.total().price().memory_bytes_per_rank(), 7);
  EXPECT_EQ(report.total().price().device_memory_bytes_per_rank(), 3);
  EXPECT_EQ(report.total().price().memory_basis(), PriceBasis::GUESS);
  EXPECT_THAT(report.total().price().basis(), ElementsAre(PriceBasis::GUESS));
  EXPECT_EQ(report.total().price().guesses(), 5);
  EXPECT_EQ(report.designs(0).price().hours().value(), 1);
  // What is not selected is not in it.
  ASSERT_THAT(report.runs(), SizeIs(1));
  EXPECT_TRUE(report.runs(0).wanted());
  ASSERT_THAT(report.designs(0).cells(), SizeIs(1));
  EXPECT_THAT(report.designs(0).cells(0).runs(), ElementsAre(1));
  EXPECT_EQ(report.designs(0).runs(), 1);
  EXPECT_EQ(report.next_command(), "run it");
}

TEST_F(PlanReportTest, CellsPointToRunsByTheirNumbers) {
  const PlanReport report = Report();
  EXPECT_EQ(report.designs(0).kind(), "one_factor");
  ASSERT_THAT(report.designs(0).cells(), SizeIs(2));
  EXPECT_THAT(report.designs(0).cells(1).runs(), ElementsAre(3, 4));
  EXPECT_EQ(report.runs(2).index(), 3);
  EXPECT_EQ(report.runs(2).id(), plan_.jobs[plan_.first_run + 2].id);
  EXPECT_EQ(report.runs(3).seed(), 2u);
  EXPECT_EQ(report.designs(0).cells(1).settings(0).axis(), "rank");
}

TEST_F(PlanReportTest, NothingToDoLeadsToTheReport) {
  for (Job& job : plan_.jobs) job.state = JobState::kDone;
  ASSERT_THAT(SelectRuns({}, &plan_), IsOk());
  const PlanReport report = Report();
  EXPECT_EQ(report.next_command(), "report it");
  EXPECT_EQ(report.total().reuse(), 4);
  EXPECT_EQ(report.total().price().flops(), 0);
}

TEST_F(PlanReportTest, WarnsOfWhatSeedsCannotShow) {
  EXPECT_THAT(Report().warnings(),
              Contains(HasSubstr("2 seeds: no exact test")));
  plan_.expansion.seeds = {1};
  EXPECT_THAT(Report().warnings(), Contains(HasSubstr("1 seed: no test")));
  plan_.expansion.seeds = {1, 2, 3, 4};
  EXPECT_THAT(Report().warnings(), SizeIs(0));
  plan_.jobs[plan_.first_run].state = JobState::kCorrupt;
  EXPECT_THAT(Report().warnings(), Contains(HasSubstr("1 run has a result")));
}

TEST_F(PlanReportTest, GuessesAreTold) {
  prices_[plan_.first_run].basis = PriceBasis::MEASURED;
  prices_[plan_.first_run].memory_basis = PriceBasis::MEASURED;
  PlanReport report = Report();
  EXPECT_THAT(report.total().price().basis(),
              ElementsAre(PriceBasis::MEASURED, PriceBasis::GUESS));
  EXPECT_EQ(report.total().price().guesses(), 7);
  EXPECT_EQ(report.total().price().memory_basis(), PriceBasis::GUESS);
  EXPECT_EQ(report.runs(0).price().guesses(), 0);
  EXPECT_EQ(report.runs(0).price().memory_basis(), PriceBasis::MEASURED);
  EXPECT_EQ(report.runs(1).price().guesses(), 1);
}

TEST_F(PlanReportTest, TheBundleIsOnDiskOnceAnythingStarts) {
  frame_.bundle_bytes = 1000;
  EXPECT_EQ(Report().total().bundle_bytes(), 1000);
  EXPECT_EQ(Report().total().price().disk_bytes(), 8 * 5 + 1000);
  for (Job& job : plan_.jobs) job.state = JobState::kDone;
  ASSERT_THAT(SelectRuns({}, &plan_), IsOk());
  EXPECT_EQ(Report().total().price().disk_bytes(), 0);
}

TEST_F(PlanReportTest, AnObstacleStopsEverything) {
  EXPECT_TRUE(CanStart(Report()));
  FoundInput found;
  found.role = "mine";
  plan_.found = {found};
  // Not hashed yet is no problem.
  EXPECT_TRUE(CanStart(Report()));
  EXPECT_EQ(Report().next_command(), "run it");
  plan_.found[0].problem = absl::FailedPreconditionError("r is 16");
  frame_.obstacles = {"r is 16", "and no GPU"};
  const PlanReport report = Report();
  EXPECT_FALSE(CanStart(report));
  EXPECT_THAT(report.obstacles(), ElementsAre("r is 16", "and no GPU"));
  EXPECT_TRUE(report.inputs(0).unusable());
  EXPECT_EQ(report.inputs(0).note(), "r is 16");
  EXPECT_EQ(report.next_command(), "");
}

TEST_F(PlanReportTest, SaysWhatTheTimeCountsOn) {
  frame_.resources.processors = 4;
  frame_.resources.free_memory_bytes = 30'000'000'000;
  frame_.resources.gpus = {{"0", "0"}, {"1", "1"}};
  PlanTotal total = Report().total();
  EXPECT_EQ(total.processors(), 4);
  EXPECT_EQ(total.gpus(), 2);
  EXPECT_EQ(total.memory_bytes(), 30'000'000'000);
  EXPECT_TRUE(total.has_wall_seconds());
  // There is no time for what can never start.
  prices_[plan_.first_run].gpus = 8;
  EXPECT_FALSE(Report().total().has_wall_seconds());
}

}  // namespace
}  // namespace transect
