#include "launch/plan/near_run.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kOther[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

// tests/e2e/tiny.textproto: cells base and rank=2 with seeds 1 and 2.
class NearRunTest : public ::testing::Test {
 protected:
  NearRunTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::OpenOrCreate(NewDir() + "/store")) {}

  Plan Make() {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, SiteFile(), kCode, nullptr);
    EXPECT_THAT(plan, IsOk());
    return *std::move(plan);
  }

  // Leaves run `index` of the experiment as it is now, done.
  std::string Finish(int index) {
    const Plan plan = Make();
    const Job& job = plan.jobs[plan.first_run + index];
    PutDone(job.dir, job.launch, kCode);
    Put(SpecPath(job.dir), SpecText(plan, plan.first_run + index));
    return ShownId(job.id);
  }

  Experiment experiment_;
  Store store_;
};

TEST_F(NearRunTest, AfterAChangedDefaultEachRunNamesItsOldSelf) {
  const std::string first = Finish(0);
  const std::string third = Finish(2);
  experiment_.mutable_base()->mutable_training()->mutable_optimizer()->set_lr(
      0.25);
  Plan plan = Make();
  const std::vector<std::string> summary = NoteNearRuns(store_, &plan);
  const auto runs = plan.Runs();
  EXPECT_THAT(runs[0].note, MatchesRegex(absl::StrCat(
                                "differs from done ", first,
                                " in training\\.optimizer\\.lr .+ → 0\\.25")));
  // The seed differs too.
  EXPECT_THAT(runs[1].note, HasSubstr(", seed 1 → 2"));
  EXPECT_THAT(runs[2].note, HasSubstr(third));
  ASSERT_EQ(summary.size(), 2);
  EXPECT_THAT(summary[0], StartsWith("2 new runs differ from done ones in "
                                     "training.optimizer.lr "));
}

TEST_F(NearRunTest, OtherCellsOfThePlanAndOtherStatesSayNothing) {
  Finish(0);
  Plan plan = Make();
  EXPECT_THAT(NoteNearRuns(store_, &plan), IsEmpty());
  EXPECT_EQ(plan.Runs()[0].state, JobState::kDone);
  EXPECT_EQ(plan.Runs()[1].note, "");
}

TEST_F(NearRunTest, ARunThatIsFarOrNotDoneIsNotNear) {
  Finish(0);
  RunSpec& base = *experiment_.mutable_base();
  base.mutable_training()->mutable_optimizer()->set_lr(0.25);
  base.mutable_training()->mutable_optimizer()->set_weight_decay(0.125);
  base.mutable_training()->mutable_optimizer()->set_beta1(0.5);
  Plan near = Make();
  EXPECT_FALSE(NoteNearRuns(store_, &near).empty());
  base.mutable_training()->mutable_optimizer()->set_beta2(0.5);
  Plan far = Make();
  EXPECT_THAT(NoteNearRuns(store_, &far), IsEmpty());
  base.mutable_training()->mutable_optimizer()->clear_beta2();
  for (const std::string& id : store_.RunIds("")) {
    Put(store_.RunDir(id, kCode) + "/out", "shorter or longer");
  }
  Plan corrupt = Make();
  EXPECT_THAT(NoteNearRuns(store_, &corrupt), IsEmpty());
}

TEST_F(NearRunTest, AnOldSelfUnderAnotherCodeIsNearToo) {
  const Plan before = Make();
  const Job& job = before.jobs[before.first_run];
  const std::string dir = store_.RunDir(job.id, kOther);
  PutDone(dir, job.launch, kOther);
  Put(SpecPath(dir), SpecText(before, before.first_run));
  experiment_.mutable_base()->mutable_training()->mutable_optimizer()->set_lr(
      0.25);
  Plan plan = Make();
  EXPECT_FALSE(NoteNearRuns(store_, &plan).empty());
}

}  // namespace
}  // namespace transect
