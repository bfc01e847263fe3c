#include "launch/watch/failures.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class FirstFailureTest : public ::testing::Test {
 protected:
  // The next attempt, which ended so.
  void Attempt(const std::string& outcome) {
    const std::string dir = AttemptDir(dir_, ++attempts_);
    Put(ProvenancePath(dir),
        absl::StrCat("host: 'node7' job: 'rank=2 seed 1' start_unix_us: ",
                     attempts_, "\n"));
    if (!outcome.empty()) Put(OutcomePath(dir), outcome);
  }

  const std::string dir_ = NewDir();
  int attempts_ = 0;
};

TEST_F(FirstFailureTest, NoneWithoutAnAttemptOrWithoutAFailure) {
  EXPECT_FALSE(FirstFailure(dir_).has_value());
  Attempt("exit_code: 0\n");
  EXPECT_FALSE(FirstFailure(dir_).has_value());
  Attempt("interrupted: true cause: 'transect was stopped'\n");
  EXPECT_FALSE(FirstFailure(dir_).has_value());
}

TEST_F(FirstFailureTest, TheFirstOfThoseInARow) {
  Attempt("exit_code: 70 cause: 'long ago'\n");
  Attempt("exit_code: 0\n");
  Attempt("exit_code: 71 rank: 2 cause: 'rank 2: NON_FINITE: step 9'\n");
  Attempt("interrupted: true cause: 'stopped'\n");
  Attempt("exit_code: 74 cause: 'INPUT_OUTPUT: disk'\n");
  Attempt("exit_code: 74 cause: 'INPUT_OUTPUT: disk'\n");
  const std::optional<FailedJob> job = FirstFailure(dir_);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->attempt(), 3);
  EXPECT_EQ(job->failed(), 3);
  EXPECT_EQ(job->rank(), 2);
  EXPECT_EQ(job->exit_code(), 71);
  EXPECT_EQ(job->cause(), "rank 2: NON_FINITE: step 9");
  EXPECT_EQ(job->log(), RankLogPath(AttemptDir(dir_, 3), 2));
  EXPECT_EQ(job->node(), "node7");
  EXPECT_EQ(job->name(), "rank=2 seed 1");
  EXPECT_EQ(job->start_unix_us(), 3);
  EXPECT_THAT(job->later_cause(), ElementsAre("INPUT_OUTPUT: disk"));
}

// Its launcher died: that says nothing.
TEST_F(FirstFailureTest, AnAttemptWithoutAnOutcomeIsPassedOver) {
  Attempt("exit_code: 71 cause: 'NON_FINITE: x'\n");
  Attempt("");
  const std::optional<FailedJob> job = FirstFailure(dir_);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->attempt(), 1);
}

FailedJob Job(char digit, const std::string& cause, int exit_code) {
  FailedJob job;
  job.set_id(std::string(32, digit));
  job.set_name(absl::StrCat("run ", std::string(1, digit)));
  job.set_attempt(1);
  job.set_failed(1);
  job.set_exit_code(exit_code);
  job.set_cause(cause);
  job.set_log(absl::StrCat("/logs/", std::string(1, digit)));
  return job;
}

TEST(GroupFailuresTest, EqualCausesAreTogetherTheMostFrequentLast) {
  const std::vector<FailureGroup> groups = GroupFailures(
      {Job('a', "rank 1: NON_FINITE: loss is nan at step 17", 71),
       Job('b', "INPUT_OUTPUT: no room", 74),
       Job('c', "rank 0: NON_FINITE: loss is nan at step 3.5e4", 71)});
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].end(), "INPUT_OUTPUT");
  EXPECT_THAT(groups[1].job(), SizeIs(2));
  EXPECT_EQ(groups[1].end(), "NON_FINITE");
  EXPECT_THAT(groups[1].way_out(), HasSubstr("training.optimizer.lr"));
}

TEST(GroupFailuresTest, OneTextWithTwoEndsIsTwoCauses) {
  FailedJob killed = Job('a', "ended", 0);
  killed.set_signal(9);
  EXPECT_THAT(GroupFailures({killed, Job('b', "ended", 70)}), SizeIs(2));
}

TEST(RenderFailuresTest, TheCauseComesLast) {
  FailureList list;
  list.set_jobs(5);
  for (FailureGroup& group : GroupFailures({Job('a', "NON_FINITE: nan", 71),
                                            Job('b', "NON_FINITE: nan", 71)})) {
    *list.add_group() = group;
  }
  const std::string text =
      RenderFailures(list, {.again = "transect run x.textproto state=failed"});
  EXPECT_THAT(text, HasSubstr("2 jobs  NON_FINITE\n"));
  EXPECT_THAT(text, HasSubstr("  aaaaaaaaaaaa  run a  attempt 1, –\n"));
  EXPECT_THAT(text, HasSubstr("  log    /logs/b\n"));
  EXPECT_THAT(text, HasSubstr("  again  transect run x.textproto state"));
  EXPECT_THAT(text, HasSubstr("  cause  NON_FINITE: nan\n\n"
                              "2 of 5 jobs failed, for 1 cause\n"));
}

TEST(RenderFailuresTest, NoneIsSaid) {
  FailureList list;
  list.set_jobs(3);
  EXPECT_EQ(RenderFailures(list, {}), "none of 3 jobs failed\n");
}

TEST(RenderFailuresTest, AHugeGroupIsCut) {
  FailureList list;
  FailureGroup& group = *list.add_group();
  for (int i = 0; i < 25; ++i) *group.add_job() = Job('a', "x", 70);
  const std::string text = RenderFailures(list, {});
  EXPECT_THAT(text, HasSubstr("  and 5 more\n"));
}

TEST(WayOutTest, KnownEndsHaveOne) {
  Outcome outcome;
  for (const int code : {64, 65, 70, 71, 72, 73, 74, 75}) {
    outcome.set_exit_code(code);
    EXPECT_NE(WayOutOf(outcome), "") << code;
  }
  outcome.set_exit_code(0);
  EXPECT_EQ(WayOutOf(outcome), "");
  outcome.set_signal(9);
  EXPECT_THAT(WayOutOf(outcome), HasSubstr("RECOMPUTE"));
}

}  // namespace
}  // namespace transect
