// What a plan makes of found inputs, and of those that are missing.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// tests/e2e/tiny.textproto on a found data set.
class FoundPlanTest : public testing::Test {
 protected:
  FoundPlanTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::OpenOrCreate(NewDir() + "/store")),
        root_(NewDir() + "/rrsisd") {
    experiment_.mutable_base()->mutable_data()->mutable_found()->set_role(
        "rrsisd");
    Place* place = site_.site.add_data();
    place->set_role("rrsisd");
    place->set_path(root_);
  }

  Plan Make() {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, site_, kCode, nullptr);
    EXPECT_THAT(plan, IsOk());
    return *std::move(plan);
  }

  Experiment experiment_;
  Store store_;
  SiteFile site_;
  const std::string root_;
  const Hashing all_ = {[](const FoundInput&, int64_t, int64_t) {},
                        {"data/rrsisd"}};
};

TEST_F(FoundPlanTest, AFoundDataSetIsPendingUntilRunHashesIt) {
  Put(root_ + "/rrsisd/refs(unc).p", "");
  Put(root_ + "/images/rrsisd/JPEGImages/1.jpg", "");
  const Plan pending = Make();
  ASSERT_THAT(pending.found, SizeIs(1));
  EXPECT_EQ(pending.found[0].identity, "");
  EXPECT_EQ(pending.CountRuns(JobState::kPending), 4);
  EXPECT_EQ(pending.jobs[pending.first_run].dir, "");
  EXPECT_TRUE(pending.jobs[pending.first_run].wanted) << "as far as is known";
  ASSERT_OK_AND_ASSIGN(
      const Plan hashed,
      MakePlan(*Expand(experiment_, {}), store_, site_, kCode, &all_));
  EXPECT_EQ(hashed.CountRuns(JobState::kNew), 4);
  EXPECT_EQ(hashed.jobs[hashed.first_run].launch.train().data_root(), root_);
  // From now on the plan knows without hashing.
  EXPECT_EQ(Make().jobs[hashed.first_run].id, hashed.jobs[hashed.first_run].id);
}

TEST_F(FoundPlanTest, PlanNeedsNoDataAndRunSaysWhatIsMissing) {
  const Plan plan = Make();
  EXPECT_THAT(plan.found[0].problem,
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("'rrsisd'"), HasSubstr(root_))));
  EXPECT_THAT(MakePlan(*Expand(experiment_, {}), store_, site_, kCode, &all_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(root_)));
}

// Of two data sets one is not there: only the runs that read it wait.
TEST_F(FoundPlanTest, AMissingInputHoldsUpOnlyTheRunsThatNeedIt) {
  Put(root_ + "/rrsisd/refs(unc).p", "");
  Put(root_ + "/images/rrsisd/JPEGImages/1.jpg", "");
  experiment_.clear_axis();
  experiment_.clear_design();
  Axis* const axis = experiment_.add_axis();
  axis->set_name("set");
  axis->set_field("data.found.role");
  axis->add_values("rrsisd");
  axis->add_values("other");
  Design* const design = experiment_.add_design();
  design->set_name("sets");
  design->mutable_one_factor()->add_axes("set");
  Plan plan = Make();
  ASSERT_THAT(plan.Runs(), SizeIs(4));
  ASSERT_THAT(plan.found, SizeIs(2));
  const auto wanted = [&plan] {
    std::vector<bool> runs;
    for (const Job& run : plan.Runs()) runs.push_back(run.wanted);
    return runs;
  };
  EXPECT_THAT(wanted(), ElementsAre(true, true, false, false));
  EXPECT_EQ(NeededKeys(plan), std::set<std::string>{"data/rrsisd"});
  EXPECT_THAT(NeededFound(plan), ElementsAre(true, true));
  EXPECT_THAT(plan.Runs()[2].misfit, HasSubstr("data role 'other'"));
  EXPECT_THAT(
      MisfitsText(plan),
      ElementsAre(AllOf(HasSubstr("data role 'other': not in"),
                        EndsWith("; set=other needs it and is not started"))));
  // What is not selected needs nothing.
  ASSERT_THAT(SelectRuns({"cell=base"}, &plan), IsOk());
  EXPECT_THAT(wanted(), ElementsAre(true, true, false, false));
  EXPECT_THAT(MisfitsText(plan), IsEmpty());
  EXPECT_THAT(NeededFound(plan), ElementsAre(true, false));
  // Where nothing else is selected, that is why nothing can start.
  ASSERT_THAT(SelectRuns({"set=other"}, &plan), IsOk());
  EXPECT_THAT(wanted(), ElementsAre(false, false, true, true));
  EXPECT_EQ(NeededKeys(plan), std::set<std::string>{"data/other"});
  // Done runs of the rest need nothing either.
  plan.jobs[plan.first_run].state = JobState::kDone;
  plan.jobs[plan.first_run + 1].state = JobState::kDone;
  ASSERT_THAT(SelectRuns({"cell=base"}, &plan), IsOk());
  EXPECT_THAT(wanted(), Each(false));
  EXPECT_THAT(NeededFound(plan), ElementsAre(false, false));
  // Hashing what is there leaves the other pending.
  ASSERT_OK_AND_ASSIGN(
      plan, MakePlan(*Expand(experiment_, {}), store_, site_, kCode, &all_));
  EXPECT_EQ(plan.CountRuns(JobState::kNew), 2);
  EXPECT_EQ(plan.CountRuns(JobState::kPending), 2);
  EXPECT_THAT(wanted(), ElementsAre(true, true, false, false));
}

}  // namespace
}  // namespace transect
