#include "launch/plan/equal_failures.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/expanding/expand.h"
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

using ::testing::ElementsAre;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kAbsent[] = "";

class EqualFailuresTest : public testing::Test {
 protected:
  // Adds the next attempt, with this outcome unless it is kAbsent.
  void Add(absl::string_view outcome, absl::string_view code = kCode) {
    const std::string dir = AttemptDir(job_, ++attempts_);
    Put(LaunchPath(dir), absl::StrCat("code: \"", code, "\""));
    if (outcome != kAbsent) Put(OutcomePath(dir), outcome);
  }
  void AddFailure(absl::string_view cause) {
    Add(absl::StrCat("exit_code: 65 cause: \"", cause, "\""));
  }

  EqualFailures Count(absl::string_view code = kCode) const {
    return CountEqualFailures(job_, code, [](int, const Outcome& outcome) {
      return outcome.has_cause();
    });
  }

  std::string job_ = NewDir();
  int attempts_ = 0;
};

TEST_F(EqualFailuresTest, CountsTheLastThatAreAlike) {
  EXPECT_EQ(Count().times, 0);
  AddFailure("DATA: b.jpg");
  AddFailure("DATA: a.jpg");
  EXPECT_EQ(Count().times, 1);
  AddFailure("DATA: a.jpg");
  AddFailure("DATA: a.jpg");
  EXPECT_EQ(Count().times, 3);
  EXPECT_EQ(Count().cause, "DATA: a.jpg");
  AddFailure("DATA: c.jpg");
  EXPECT_EQ(Count().times, 1);
}

TEST_F(EqualFailuresTest, WhatVariesFromAttemptToAttemptMakesNoDifference) {
  AddFailure("rank 0: cannot write /s/attempts/0001/rank00000.metrics: full");
  AddFailure("rank 1: cannot write /s/attempts/0002/rank00001.metrics: full");
  EXPECT_EQ(Count().times, 2);
  EXPECT_EQ(Count().cause,
            "rank 1: cannot write /s/attempts/0002/rank00001.metrics: full");
}

TEST_F(EqualFailuresTest, AttemptsThatSayNothingAboutTheJobDoNotCount) {
  AddFailure("DATA: a.jpg");
  Add("interrupted: true cause: \"transect was stopped\"");
  Add(kAbsent);  // the machine went down
  AddFailure("DATA: a.jpg");
  Add("exit_code: 72 cause: \"PEER_LOST: rank 1\"");
  Add("exit_code: 75 cause: \"TRY_AGAIN: a disk\"");
  Add("signal: 15 cause: \"ended by signal 15\"");
  Add("signal: 9 out_of_memory: true cause: \"memory ran out\"");
  EXPECT_EQ(Count().times, 2);
  // Somebody killed it, three times: who knows why, but it is a failure.
  AddFailure("DATA: a.jpg");
  EXPECT_EQ(Count().times, 3);
}

// The next attempt recomputes activations; only one that does counts.
TEST_F(EqualFailuresTest, MemoryThatTheNextAttemptNeedsLessOfDoesNotCount) {
  const auto add = [&](absl::string_view activations) {
    Add("exit_code: 73 out_of_memory: true cause: \"MEMORY\"");
    Put(LaunchPath(AttemptDir(job_, attempts_)),
        absl::StrCat("code: \"", kCode, "\" train { run { training { ",
                     activations, " } } }"));
  };
  EXPECT_FALSE(RanOutOfMemory(job_));
  add("");
  EXPECT_TRUE(RanOutOfMemory(job_));
  add("activations: KEEP");
  EXPECT_EQ(Count().times, 0);
  add("activations: RECOMPUTE");
  add("activations: RECOMPUTE");
  EXPECT_EQ(Count().times, 2);
}

TEST_F(EqualFailuresTest, AnotherCodePartCountsAnew) {
  const std::string other(32, 'a');
  Add("exit_code: 65 cause: \"DATA: a.jpg\"", other);
  Add("exit_code: 65 cause: \"DATA: a.jpg\"", other);
  AddFailure("DATA: a.jpg");
  EXPECT_EQ(Count().times, 1);
  EXPECT_EQ(Count(other).times, 0);
}

TEST_F(EqualFailuresTest, ASuccessEndsTheRow) {
  AddFailure("DATA: a.jpg");
  Add("exit_code: 0 signal: 0");
  EXPECT_EQ(Count().times, 0);
  AddFailure("DATA: a.jpg");
  EXPECT_EQ(Count().times, 1);
}

TEST(ComparableCauseTest, LeavesOutWhatVaries) {
  const auto same = [](absl::string_view a, absl::string_view b) {
    EXPECT_EQ(ComparableCause(a), ComparableCause(b));
  };
  same("rank 3: x", "x");
  same("signal at 0x7f3a", "signal at 0xdeadbeef");
  same("process 4711 is gone", "process 12 is gone");
  same("cannot connect to 127.0.0.1:40001", "cannot connect to 127.0.0.1:503");
  same("cannot make w.tmp.4711.0: full", "cannot make w.tmp.9.1f: full");
  same("the disk is full: 5 bytes free on",
       "the disk is full: 4096 bytes free on");
  // What a person would mend is another cause.
  EXPECT_NE(ComparableCause("image 00012.jpg"),
            ComparableCause("image 00013.jpg"));
  EXPECT_NE(ComparableCause("a.textproto:3:1"),
            ComparableCause("a.textproto:4:1"));
}

// tests/e2e/tiny.textproto: 4 inputs, 2 cells of 2 seeds.
class GivenUpTest : public testing::Test {
 protected:
  Plan Make() {
    return *MakePlan(*Expand(*LoadExperiment("tests/e2e/tiny.textproto"), {}),
                     store_, SiteFile(), kCode, nullptr);
  }

  static int Wanted(const Plan& plan) {
    return static_cast<int>(std::ranges::count_if(plan.jobs, &Job::wanted));
  }

  Store store_ = *Store::OpenOrCreate(NewDir() + "/store");
};

TEST_F(GivenUpTest, WhatFailedAlikeThreeTimesIsNotWantedUnlessItIsMeant) {
  const Plan before = Make();
  const int index = before.first_run;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    Put(OutcomePath(AttemptDir(before.jobs[index].dir, attempt)),
        "exit_code: 65 cause: \"DATA: a.jpg\"");
    EXPECT_EQ(Make().jobs[index].wanted, attempt < 3);
  }
  // Told to go on and then stopped: that says nothing.
  Put(OutcomePath(AttemptDir(before.jobs[index].dir, 4)),
      "interrupted: true cause: \"transect was stopped\"");
  Plan plan = Make();
  EXPECT_EQ(plan.jobs[index].state, JobState::kFailed);
  EXPECT_EQ(plan.jobs[index].equal_failures, 3);
  EXPECT_EQ(plan.jobs[index].note, "DATA: a.jpg");
  EXPECT_THAT(GivenUpJobs(plan), ElementsAre(index));
  const auto wanted_by = [&](const std::vector<std::string>& selectors,
                             bool retry) {
    EXPECT_THAT(SelectRuns(selectors, &plan, retry), IsOk());
    return plan.jobs[index].wanted;
  };
  EXPECT_FALSE(wanted_by({}, false));
  EXPECT_FALSE(wanted_by({"seed=1"}, false));
  EXPECT_TRUE(wanted_by({}, true));
  EXPECT_TRUE(wanted_by({"state=failed"}, false));
  EXPECT_TRUE(wanted_by({"#1"}, false));
  EXPECT_TRUE(wanted_by({plan.jobs[index].id}, false));
}

TEST_F(GivenUpTest, WhatFailedAtItsSpecIsGivenUpAtOnce) {
  const Plan before = Make();
  const int index = before.first_run;
  Put(OutcomePath(AttemptDir(before.jobs[index].dir, 1)),
      "exit_code: 64 cause: \"SPEC: no such thing\"");
  Plan plan = Make();
  EXPECT_FALSE(plan.jobs[index].wanted);
  EXPECT_THAT(GivenUpJobs(plan), ElementsAre(index));
  ASSERT_THAT(SelectRuns({}, &plan, /*retry=*/true), IsOk());
  EXPECT_TRUE(plan.jobs[index].wanted);
}

TEST_F(GivenUpTest, RunsOfAnInputThatIsGivenUpAreNotWanted) {
  const Plan before = Make();
  ASSERT_EQ(before.jobs[0].kind, Job::Kind::kData);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    Put(OutcomePath(AttemptDir(before.jobs[0].dir, attempt)),
        "exit_code: 74 cause: \"INPUT_OUTPUT: no room\"");
  }
  Plan plan = Make();
  EXPECT_EQ(Wanted(plan), 0);
  EXPECT_THAT(GivenUpJobs(plan), ElementsAre(0));
  ASSERT_THAT(SelectRuns({}, &plan, /*retry=*/true), IsOk());
  EXPECT_EQ(Wanted(plan), 8);
}

}  // namespace
}  // namespace transect
