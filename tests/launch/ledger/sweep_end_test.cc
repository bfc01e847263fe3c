#include "launch/ledger/sweep_end.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;

class SweepEndTest : public testing::Test {
 protected:
  SweepEndTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    plan_.code = kRunCode;
    plan_.expansion.name = "sweep";
    for (int i = 0; i < 4; ++i) AddWantedRun(store_, &plan_);
    plan_.jobs[0].state = JobState::kDone;
    plan_.jobs[0].result.set_attempt(1);
    plan_.jobs[1].state = JobState::kFailed;
    plan_.jobs[3].selected = false;
  }

  Store store_;
  Plan plan_;
};

TEST_F(SweepEndTest, CountsSelectedRuns) {
  const SweepEnd end = EndOf(plan_);
  EXPECT_EQ(end.runs, 3);
  EXPECT_EQ(end.done, 1);
  EXPECT_EQ(end.failed, 1);
  EXPECT_EQ(end.open, 1);
}

TEST_F(SweepEndTest, OneOfThoseWhoSeeAnEndIsTheFirst) {
  EXPECT_THAT(ClaimEnd(store_, plan_, EndOf(plan_)), IsOkAndHolds(true));
  EXPECT_THAT(ClaimEnd(store_, plan_, EndOf(plan_)), IsOkAndHolds(false));
  // Another attempt is another end.
  Put(AttemptDir(plan_.jobs[1].dir, 2) + "/x", "");
  EXPECT_THAT(ClaimEnd(store_, plan_, EndOf(plan_)), IsOkAndHolds(true));
}

TEST_F(SweepEndTest, TheCommandKnowsHowItEnded) {
  const std::string out = NewDir() + "/out";
  ASSERT_THAT(
      RunOnEnd(absl::StrCat("echo $TRANSECT_SWEEP $TRANSECT_RUNS "
                            "$TRANSECT_DONE $TRANSECT_FAILED $TRANSECT_OPEN "
                            "$TRANSECT_STORE > ",
                            out),
               store_, plan_, EndOf(plan_)),
      IsOk());
  EXPECT_EQ(*ReadFile(out),
            absl::StrCat("sweep 3 1 1 1 ", store_.root(), "\n"));
}

TEST_F(SweepEndTest, ItsFailureIsALine) {
  EXPECT_THAT(
      std::string(RunOnEnd("exit 7", store_, plan_, EndOf(plan_)).message()),
      HasSubstr("--on-end: `exit 7` ended with exit code 7"));
  EXPECT_THAT(
      std::string(
          RunOnEnd("kill -9 $$", store_, plan_, EndOf(plan_)).message()),
      HasSubstr("was ended by signal 9"));
}

}  // namespace
}  // namespace transect
