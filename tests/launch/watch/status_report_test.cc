#include "launch/watch/status_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "launch/watch/status_report.pb.h"
#include "launch/watch/status_text.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// The screen without the table of runs (run_table_test.cc).
std::string TextOf(StatusReport report) {
  report.clear_run();
  return RenderStatus(report, {});
}

// tests/e2e/tiny.textproto: 4 inputs, 2 cells of 2 seeds.
class StatusReportTest : public testing::Test {
 protected:
  StatusReportTest()
      : store_(*Store::OpenOrCreate(NewDir() + "/store")),
        plan_(
            *MakePlan(*Expand(*LoadExperiment("tests/e2e/tiny.textproto"), {}),
                      store_, SiteFile(), kCode, nullptr)) {}

  // Predicted an hour, 30 minutes to two hours, and 1 GB.
  static Forecast Hour(PriceBasis::Value basis) {
    Forecast forecast;
    forecast.set_seconds_low(1800);
    forecast.set_seconds(3600);
    forecast.set_seconds_high(7200);
    forecast.set_basis(basis);
    forecast.set_processors(2);
    forecast.set_memory_bytes(1'000'000'000);
    return forecast;
  }

  // Makes run `run` done by `attempt`, whose launch plan has the forecast.
  void Done(int run, const Forecast* forecast, double seconds, int attempt = 1,
            int64_t device_memory = 0) {
    Job& job = plan_.jobs[plan_.first_run + run];
    job.state = JobState::kDone;
    Result result;
    result.set_attempt(attempt);
    result.set_seconds(seconds);
    result.set_peak_memory_bytes(1'500'000'000);
    result.set_peak_device_memory_bytes(device_memory);
    Put(ResultPath(job.dir), PrintTextproto(result));
    LaunchPlan launch = job.launch;
    if (forecast != nullptr) *launch.mutable_forecast() = *forecast;
    Put(LaunchPath(AttemptDir(job.dir, attempt)), PrintTextproto(launch));
  }

  Store store_;
  Plan plan_;
};

TEST_F(StatusReportTest, WithoutPricesThereAreCountsOnly) {
  EXPECT_EQ(TextOf(MakeStatusReport(plan_)), "tiny: 4 runs: 4 new\n");
  Done(0, nullptr, 10);
  const StatusReport report = MakeStatusReport(plan_);
  EXPECT_FALSE(report.has_prices());
  EXPECT_EQ(TextOf(report), "tiny: 4 runs: 1 done, 3 new\n");
}

TEST_F(StatusReportTest, StatesAreWordsForPeople) {
  plan_.jobs[plan_.first_run].state = JobState::kOlder;
  EXPECT_EQ(TextOf(MakeStatusReport(plan_)),
            "tiny: 4 runs: 3 new, 1 older scheme\n");
}

// Whether a run is stale shows only beside a worker.
TEST_F(StatusReportTest, WithoutAWorkerTheCodeIsUnknown) {
  plan_.jobs[plan_.first_run].state = JobState::kStale;
  EXPECT_THAT(TextOf(MakeStatusReport(plan_)), HasSubstr("1 stale"));
  plan_.code.clear();
  EXPECT_THAT(TextOf(MakeStatusReport(plan_)),
              HasSubstr("1 done, code unknown"));
}

TEST_F(StatusReportTest, HoldsPredictedHoursAndMemoryAgainstMeasured) {
  const Forecast guess = Hour(PriceBasis::GUESS);
  const Forecast measured = Hour(PriceBasis::MEASURED);
  Done(0, &guess, 900);
  Done(1, &measured, 4500, /*attempt=*/3);
  Done(2, nullptr, 5);
  const StatusReport report = MakeStatusReport(plan_);
  const StatusPrices& prices = report.prices();
  EXPECT_THAT(prices.jobs(), SizeIs(2));
  EXPECT_EQ(prices.guesses(), 1);
  EXPECT_EQ(prices.unpriced(), 1);
  EXPECT_EQ(prices.unit(), "cpu-h");
  // Two processors each.
  EXPECT_NEAR(prices.hours().predicted().low(), 2, 1e-12);
  EXPECT_NEAR(prices.hours().predicted().value(), 4, 1e-12);
  EXPECT_NEAR(prices.hours().predicted().high(), 8, 1e-12);
  EXPECT_NEAR(prices.hours().measured(), 3, 1e-12);
  EXPECT_NEAR(prices.hours().ratio(), 0.75, 1e-12);
  EXPECT_NEAR(prices.hours().worst_ratio(), 0.25, 1e-12);
  EXPECT_EQ(prices.hours().worst_job(), "base seed 1");
  EXPECT_EQ(prices.memory_bytes().predicted().value(), 1e9);
  EXPECT_EQ(prices.memory_bytes().measured(), 1.5e9);
  EXPECT_FALSE(prices.has_device_memory_bytes());
  EXPECT_EQ(prices.jobs(1).forecast().basis(), PriceBasis::MEASURED);
  EXPECT_EQ(TextOf(report),
            "tiny: 4 runs: 3 done, 1 new\n"
            "prices  of 2 done jobs, as predicted before they started; 1 was a "
            "guess; of 1 more no price was recorded\n"
            "                           predicted  measured  ratio  furthest "
            "off\n"
            "  cpu-h          4.00 (2.00 to 8.00)      3.00   0.75  0.25  base "
            "seed 1\n"
            "  memory a rank               1.0 GB    1.5 GB   1.50  1.50  base "
            "seed 1\n");
}

TEST_F(StatusReportTest, AnAttemptDidAlsoWhatAnotherRunAskedOfIt) {
  const Forecast guess = Hour(PriceBasis::GUESS);
  Done(0, &guess, 3000);
  Job& job = plan_.jobs[plan_.first_run];
  const EvaluateJob evaluation = job.launch.train().evaluation(0);
  const std::string path =
      ResultPath(EvaluationDir(job.dir, evaluation.split(), evaluation.id()));
  Put(path, "attempt: 1 seconds: 600");
  job.launch.mutable_train()->clear_evaluation();
  EXPECT_EQ(MakeStatusReport(plan_).prices().jobs(0).seconds(), 3600);
  // By `transect evaluate`, which counts its own attempts.
  Put(path, "attempt: 1 made_alone: true seconds: 600");
  EXPECT_EQ(MakeStatusReport(plan_).prices().jobs(0).seconds(), 3000);
}

// It was trained and evaluated on val by one attempt, on test by another.
TEST_F(StatusReportTest, EachAttemptIsHeldAgainstItsOwnForecast) {
  const Forecast guess = Hour(PriceBasis::GUESS);
  Done(0, &guess, 3000);
  const Job& job = plan_.jobs[plan_.first_run];
  const EvaluateJob& evaluation = job.launch.train().evaluation(0);
  Put(ResultPath(EvaluationDir(job.dir, evaluation.split(), evaluation.id())),
      "attempt: 1 seconds: 600");
  EvaluateJob* const other =
      plan_.jobs[plan_.first_run].launch.mutable_train()->add_evaluation();
  other->set_split("test");
  other->set_id(std::string(32, 'e'));
  Put(ResultPath(EvaluationDir(job.dir, "test", other->id())),
      "attempt: 2 seconds: 360");
  LaunchPlan later = job.launch;
  *later.mutable_forecast() = guess;
  Put(LaunchPath(AttemptDir(job.dir, 2)), PrintTextproto(later));
  const StatusReport report = MakeStatusReport(plan_);
  ASSERT_THAT(report.prices().jobs(), SizeIs(2));
  EXPECT_EQ(report.prices().jobs(0).seconds(), 3600);
  EXPECT_EQ(report.prices().jobs(1).seconds(), 360);
}

TEST_F(StatusReportTest, GpuMemoryIsComparedWhereThereIsSome) {
  Forecast forecast = Hour(PriceBasis::GUESS);
  forecast.set_gpus(1);
  forecast.set_device_memory_bytes(10'000'000'000);
  Done(0, &forecast, 3600, /*attempt=*/1, 12'000'000'000);
  const StatusReport report = MakeStatusReport(plan_);
  EXPECT_NEAR(report.prices().device_memory_bytes().ratio(), 1.2, 1e-12);
  EXPECT_THAT(TextOf(report), HasSubstr("GPU memory a rank"));
}

TEST_F(StatusReportTest, OnlySelectedRunsCount) {
  const Forecast guess = Hour(PriceBasis::GUESS);
  Done(0, &guess, 900);
  Done(3, &guess, 3600);
  ASSERT_THAT(SelectRuns({"rank=2"}, &plan_), IsOk());
  const StatusReport report = MakeStatusReport(plan_);
  EXPECT_THAT(report.prices().jobs(), SizeIs(1));
  EXPECT_EQ(report.prices().hours().ratio(), 1);
  EXPECT_THAT(TextOf(report), Not(HasSubstr("base seed 1")));
}

TEST_F(StatusReportTest, TheRunsFollowTheCounts) {
  Done(0, nullptr, 10);
  const StatusReport report = MakeStatusReport(plan_);
  EXPECT_EQ(report.run_size(), 4);
  ASSERT_THAT(report.states(), SizeIs(2));
  EXPECT_EQ(report.states(0).state(), WatchState::DONE);
  EXPECT_EQ(report.states(1).runs(), 3);
  EXPECT_THAT(RenderStatus(report, {}),
              HasSubstr("1 done, 3 new\n  #   state  run"));
}

TEST_F(StatusReportTest, WhatCouldNotBeAskedIsSaid) {
  StatusReport report = MakeStatusReport(plan_);
  report.add_problem("squeue: no answer");
  EXPECT_THAT(TextOf(report), HasSubstr("NOTE squeue: no answer\n"));
}

TEST_F(StatusReportTest, NamesWhatFailedAlikeTooOften) {
  Job& job = plan_.jobs[plan_.first_run];
  job.state = JobState::kFailed;
  job.note = "DATA: a.jpg";
  job.equal_failures = 2;
  EXPECT_TRUE(MakeStatusReport(plan_).given_up().empty());
  job.equal_failures = 4;
  const StatusReport report = MakeStatusReport(plan_);
  ASSERT_THAT(report.given_up(), SizeIs(1));
  EXPECT_EQ(report.given_up(0).id(), job.id);
  EXPECT_EQ(report.given_up(0).times(), 4);
  const std::string text = TextOf(report);
  EXPECT_THAT(text, HasSubstr("failed 4 times alike: DATA: a.jpg\n"));
  EXPECT_THAT(text, HasSubstr("--retry"));
}

}  // namespace
}  // namespace transect
