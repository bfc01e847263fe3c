#include "launch/watch/watched_run.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.h"
#include "launch/ledger/run_state.h"
#include "launch/listing/run_list.h"
#include "launch/plan/plan.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.h"
#include "metrics/log_writer.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// tests/e2e/tiny.textproto: the base with seeds 1 and 2, then rank=2.
class WatchedRunTest : public ::testing::Test {
 protected:
  WatchedRunTest()
      : store_(*Store::OpenOrCreate(NewDir() + "/store")), plan_(NewPlan()) {}

  Plan NewPlan() const {
    return *MakePlan(*Expand(*LoadExperiment("tests/e2e/tiny.textproto"), {}),
                     store_, SiteFile(), kCode, nullptr);
  }

  const Job& Run(int index) const { return plan_.Runs()[index]; }

  // An attempt of a run on node7, and its log.
  std::unique_ptr<MetricLogWriter> Begin(int index, int attempt) {
    const std::string dir = AttemptDir(Run(index).dir, attempt);
    Put(ProvenancePath(dir), "host: 'node7' start_unix_us: 5\n");
    auto log = MetricLogWriter::Create(RankMetricsPath(dir, 0));
    EXPECT_THAT(log.status(), IsOk());
    return *std::move(log);
  }

  static void Log(MetricLogWriter* log, int64_t step) {
    MetricRecord record;
    record.mutable_train_step()->set_step(step);
    record.mutable_train_step()->set_steps(5);
    record.mutable_train_step()->set_loss(0.5);
    record.mutable_train_step()->set_step_seconds(2);
    ASSERT_THAT(log->Append(record), IsOk());
    ASSERT_THAT(log->Sync(), IsOk());
  }

  // Makes a run done with that gIoU on its first split.
  void Finish(int index, double giou) {
    const Job& job = Run(index);
    PutDone(job.dir, job.launch, kCode);
    const EvaluateJob& first = job.launch.train().evaluation(0);
    Put(ResultPath(EvaluationDir(job.dir, first.split(), first.id())),
        absl::StrCat("id: '", first.id(), "' code: '", kCode,
                     "' attempt: 1 ranks: 1 giou: ", giou,
                     " file { path: 'out' bytes: 3 }\n"));
  }

  std::vector<WatchedRun> Watch() {
    plan_ = NewPlan();
    return WatchPlan(plan_);
  }

  Store store_;
  Plan plan_;
};

TEST_F(WatchedRunTest, NothingIsKnownOfANewRun) {
  const std::vector<WatchedRun> runs = Watch();
  ASSERT_THAT(runs, SizeIs(4));
  EXPECT_EQ(runs[0].state(), WatchState::NEW);
  EXPECT_EQ(runs[0].number(), 1);
  EXPECT_EQ(runs[0].cell(), "base");
  EXPECT_TRUE(runs[0].is_base());
  EXPECT_EQ(runs[0].total(), 5);
  EXPECT_EQ(runs[2].cell(), "rank=2");
  EXPECT_FALSE(runs[2].is_base());
  EXPECT_FALSE(runs[0].has_loss());
  EXPECT_FALSE(runs[0].has_giou());
  EXPECT_FALSE(runs[0].has_seconds_left());
}

TEST_F(WatchedRunTest, ARunThatSomebodyHoldsIsRunningAndSaysHowFarItIs) {
  const auto log = Begin(2, 1);
  Log(log.get(), 3);
  ASSERT_OK_AND_ASSIGN(const auto lease, Lease::TryTake(Run(2).dir));
  const WatchedRun run = Watch()[2];
  EXPECT_EQ(run.state(), WatchState::RUNNING);
  EXPECT_EQ(run.activity(), "step");
  EXPECT_EQ(run.done(), 3);
  EXPECT_EQ(run.total(), 5);
  EXPECT_EQ(run.loss(), 0.5);
  EXPECT_EQ(run.seconds_left(), 4);
  EXPECT_EQ(run.node(), "node7");
  EXPECT_EQ(run.restarts(), 0);
  EXPECT_EQ(run.start_unix_us(), 5);
}

TEST_F(WatchedRunTest, TheNewestAttemptCounts) {
  Log(Begin(0, 1).get(), 3);
  Log(Begin(0, 2).get(), 2);
  const WatchedRun run = Watch()[0];
  EXPECT_EQ(run.state(), WatchState::STOPPED);
  EXPECT_EQ(run.done(), 2);
  EXPECT_EQ(run.restarts(), 1);
  // Nobody works on it.
  EXPECT_FALSE(run.has_seconds_left());
}

TEST_F(WatchedRunTest, AValidationIsTheScoreUntilThereIsAResult) {
  const auto log = Begin(0, 1);
  MetricRecord record;
  record.mutable_validation()->set_step(2);
  record.mutable_validation()->set_split("val");
  record.mutable_validation()->set_giou(0.25);
  ASSERT_THAT(log->Append(record), IsOk());
  ASSERT_THAT(log->Sync(), IsOk());
  const WatchedRun run = Watch()[0];
  EXPECT_EQ(run.giou(), 0.25);
  EXPECT_EQ(run.validated_step(), 2);
  Finish(0, 0.5);
  const WatchedRun done = Watch()[0];
  EXPECT_EQ(done.state(), WatchState::DONE);
  EXPECT_EQ(done.giou(), 0.5);
  EXPECT_EQ(done.validated_step(), 0);
}

TEST_F(WatchedRunTest, DifferencesAreToTheBaseWithTheSameSeed) {
  Finish(0, 0.5);
  Finish(1, 0.25);
  Finish(3, 0.375);
  const std::vector<WatchedRun> runs = Watch();
  EXPECT_FALSE(runs[0].has_delta());
  EXPECT_FALSE(runs[2].has_delta());
  EXPECT_EQ(runs[3].name(), "rank=2 seed 2");
  EXPECT_EQ(runs[3].delta(), 0.125);
}

TEST_F(WatchedRunTest, ACertificateIsOfTheResultThatTheRunHas) {
  Finish(0, 0.5);
  const std::string dir = Run(0).dir;
  Put(ProvenancePath(AttemptDir(dir, 1)), "host: 'node7' start_unix_us: 5\n");
  EXPECT_FALSE(Watch()[0].certified());
  Put(CertificatePath(dir),
      absl::StrCat("result_sha256: '", *Sha256OfFile(ResultPath(dir)), "'\n"));
  EXPECT_TRUE(Watch()[0].certified());
  Put(CertificatePath(dir), "result_sha256: 'of another'\n");
  EXPECT_FALSE(Watch()[0].certified());
}

TEST_F(WatchedRunTest, ACertificateSpeaksOfTheItemsThatItHas) {
  Finish(0, 0.5);
  const std::string dir = Run(0).dir;
  std::vector<EvalItem> items(1);
  items[0].set_item_id(7);
  items[0].mutable_prediction()->set_union_(9);
  const auto certify = [&](const std::string& first,
                           const std::string& second) {
    std::string text =
        absl::StrCat("result_sha256: '", *Sha256OfFile(ResultPath(dir)), "'\n");
    for (const std::string& digest : {first, second}) {
      absl::StrAppend(&text, "repetition { comparison { what: 'items of val' ",
                      "run_sha256: '", digest, "' repetition_sha256: '", digest,
                      "' } }\n");
    }
    Put(CertificatePath(dir), text);
  };
  EXPECT_FALSE(AreCertified(dir, "val", items));
  const std::string digest = ItemsDigest(items);
  certify(digest, digest);
  EXPECT_TRUE(AreCertified(dir, "val", items));
  EXPECT_FALSE(AreCertified(dir, "test", items));
  certify(digest, "another");
  EXPECT_FALSE(AreCertified(dir, "val", items)) << "a repetition without them";
  certify(digest, digest);
  items[0].mutable_prediction()->set_intersection(1);
  EXPECT_FALSE(AreCertified(dir, "val", items)) << "evaluated anew since";
}

TEST_F(WatchedRunTest, ARequestToStopShowsUntilTheRunIsHeldAgain) {
  ASSERT_THAT(RequestCancel(Run(1).dir), IsOk());
  WatchedRun run = Watch()[1];
  EXPECT_EQ(run.state(), WatchState::CANCELLED);
  EXPECT_THAT(run.note(), HasSubstr("cancelled"));
  ASSERT_OK_AND_ASSIGN(const auto lease, Lease::TryTake(Run(1).dir));
  EXPECT_EQ(Watch()[1].state(), WatchState::RUNNING);
}

TEST_F(WatchedRunTest, AFailureHasItsCause) {
  Begin(1, 1);
  Put(OutcomePath(AttemptDir(Run(1).dir, 1)),
      "exit_code: 71 cause: 'NON_FINITE: the loss is nan'\n");
  const WatchedRun run = Watch()[1];
  EXPECT_EQ(run.state(), WatchState::FAILED);
  EXPECT_THAT(run.note(), HasSubstr("the loss is nan"));
}

// What only ledgers and Slurm know.
TEST_F(WatchedRunTest, WhatSlurmSaysIsAddedToWhatIsNotUnderWay) {
  Finish(0, 0.5);
  plan_ = NewPlan();
  std::vector<RunStatus> states(4);
  for (RunStatus& status : states) {
    status.state = RunState::kQueued;
    status.job = "17";
    status.reason = "Resources";
    status.estimated_start = "2026-01-31T12:00:00";
  }
  states[3].state = RunState::kLost;
  const std::vector<WatchedRun> runs = WatchPlan(plan_, states);
  // Whatever Slurm says.
  EXPECT_EQ(runs[0].state(), WatchState::DONE);
  EXPECT_EQ(runs[0].job(), "");
  EXPECT_EQ(runs[1].state(), WatchState::QUEUED);
  EXPECT_EQ(runs[1].job(), "17");
  EXPECT_EQ(runs[1].note(), "Resources");
  EXPECT_EQ(runs[1].estimated_start(), "2026-01-31T12:00:00");
  EXPECT_EQ(runs[3].state(), WatchState::LOST);
}

TEST_F(WatchedRunTest, AStoreKnowsItsRunsWithoutAnExperiment) {
  Finish(0, 0.5);
  Put(ProvenancePath(AttemptDir(Run(0).dir, 1)),
      "host: 'node7' start_unix_us: 5 experiment: 'tiny' job: 'base seed 1'\n");
  const std::vector<WatchedRun> runs = WatchListing(ListRuns(store_, kCode));
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].number(), 0);
  EXPECT_EQ(runs[0].state(), WatchState::DONE);
  EXPECT_EQ(runs[0].experiment(), "tiny");
  EXPECT_EQ(runs[0].name(), "base seed 1");
  EXPECT_EQ(runs[0].giou(), 0.5);
}

TEST(WatchStateTest, EveryStateIsUnderWayOrOverOrWaitsForAPerson) {
  for (int i = 1; i < WatchState::Value_ARRAYSIZE; ++i) {
    const auto state = static_cast<WatchState::Value>(i);
    EXPECT_FALSE(IsUnderWay(state) && IsOver(state)) << WatchStateName(state);
  }
  EXPECT_TRUE(IsUnderWay(WatchState::QUEUED));
  EXPECT_TRUE(IsOver(WatchState::FAILED));
  EXPECT_FALSE(IsOver(WatchState::NEW));
  EXPECT_EQ(WatchStateName(WatchState::OLDER_SCHEME), "older scheme");
}

}  // namespace
}  // namespace transect
