#include "launch/worker/result_file.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/rank_log.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

LaunchPlan Plan(const std::string& name, int ranks) {
  LaunchPlan plan;
  plan.set_id("0123456789abcdef0123456789abcdef");
  plan.set_code("fedcba9876543210fedcba9876543210");
  plan.set_attempt(1);
  plan.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  plan.set_attempt_dir(AttemptDir(plan.job_dir(), 1));
  plan.set_ranks(ranks);
  EXPECT_THAT(MakeDirs(plan.attempt_dir()), IsOk());
  return plan;
}

TEST(ResultFile, IsWhatTheStoreTakesForDone) {
  const LaunchPlan plan = Plan("done", 2);
  for (int rank = 0; rank < 2; ++rank) {
    ASSERT_OK_AND_ASSIGN(auto log, RankLog::Open(plan, rank));
    ASSERT_THAT(log->Close(), IsOk());
  }
  ASSERT_THAT(WriteFileAtomic(plan.job_dir() + "/out", "abc"), IsOk());
  Result result = StartResult(plan);
  ASSERT_THAT(AddResultFile(plan, "out", &result), IsOk());
  ASSERT_THAT(AddMetricLogs(plan, &result), IsOk());
  EXPECT_EQ(CheckResult(plan.job_dir(), plan.id(), plan.code()).state,
            ResultCheck::kAbsent);
  ASSERT_THAT(WriteResult(plan, absl::Now(), &result), IsOk());

  const ResultCheck check = CheckResult(plan.job_dir(), plan.id(), plan.code());
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  ASSERT_EQ(check.result.file_size(), 3);
  EXPECT_EQ(check.result.file(0).bytes(), 3);
  EXPECT_EQ(check.result.file(0).sha256(), Sha256("abc"));
  EXPECT_EQ(check.result.file(2).path(), "attempts/0001/rank00001.metrics");
  EXPECT_NE(check.result.machine().processor(), "");
  EXPECT_THAT(check.result.machine().kernels(),
              MatchesRegex("AVX512.*|AVX2|DEFAULT"));
}

TEST(ResultFile, OfTwoAttemptsTheFirstPublishesAndTheOtherChangesNothing) {
  LaunchPlan first = Plan("first", 1);
  first.set_staging_dir(StagingDir(first.attempt_dir()));
  LaunchPlan second = first;
  second.set_attempt(2);
  second.set_attempt_dir(AttemptDir(first.job_dir(), 2));
  second.set_staging_dir(StagingDir(second.attempt_dir()));
  for (const LaunchPlan& plan : {first, second}) {
    ASSERT_THAT(MakeDirs(plan.staging_dir()), IsOk());
    ASSERT_THAT(
        WriteFile(OutputPath(plan, "out"), absl::StrCat("of ", plan.attempt())),
        IsOk());
  }
  EXPECT_FALSE(FileExists(first.job_dir() + "/out"));
  ASSERT_THAT(Publish(first, "out"), IsOk());
  Result result = StartResult(first);
  ASSERT_THAT(AddResultFile(first, "out", &result), IsOk());
  ASSERT_THAT(WriteResult(first, absl::Now(), &result), IsOk());

  EXPECT_EQ(ExitCodeOf(Publish(second, "out")), ExitCode::TRY_AGAIN);
  Result other = StartResult(second);
  ASSERT_THAT(AddResultFile(second, "out", &other), IsOk());
  const absl::Status late = WriteResult(second, absl::Now(), &other);
  EXPECT_EQ(ExitCodeOf(late), ExitCode::TRY_AGAIN);
  EXPECT_THAT(std::string(late.message()), HasSubstr("took over this job"));
  const ResultCheck check =
      CheckResult(first.job_dir(), first.id(), first.code());
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.attempt(), 1);
  EXPECT_THAT(ReadFile(first.job_dir() + "/out"), IsOkAndHolds("of 1"));
}

// One attempt, which goes on from `from` if that is one.
void PutAttempt(LaunchPlan* plan, int attempt, int from) {
  plan->set_attempt(attempt);
  plan->set_attempt_dir(AttemptDir(plan->job_dir(), attempt));
  ASSERT_THAT(MakeDirs(plan->attempt_dir()), IsOk());
  ASSERT_OK_AND_ASSIGN(auto log, RankLog::Open(*plan, 0));
  MetricRecord record;
  if (from > 0) {
    record.mutable_resumed()->set_attempt(from);
    record.mutable_resumed()->set_step(attempt);
    ASSERT_THAT(log->Append(record), IsOk());
  }
  record.mutable_train_step()->set_step(attempt + 1);
  ASSERT_THAT(log->Append(record), IsOk());
  ASSERT_THAT(log->Close(), IsOk());
}

std::vector<std::string> Paths(const Result& result) {
  std::vector<std::string> paths;
  for (const ResultFile& file : result.file()) paths.push_back(file.path());
  return paths;
}

// Reports read the series of a training from all of them.
TEST(ResultFile, ListsTheLogsOfTheAttemptsThatItWentOnFrom) {
  LaunchPlan plan = Plan("series", 1);
  PutAttempt(&plan, 1, 0);
  PutAttempt(&plan, 2, 0);
  PutAttempt(&plan, 3, 1);
  PutAttempt(&plan, 4, 3);
  Result result = StartResult(plan);
  ASSERT_THAT(AddMetricLogs(plan, &result), IsOk());
  EXPECT_THAT(Paths(result), ElementsAre("attempts/0004/rank00000.metrics",
                                         "attempts/0001/rank00000.metrics",
                                         "attempts/0003/rank00000.metrics"));
  // One that is broken costs no result; who reads the series is told.
  ASSERT_THAT(WriteFile(RankMetricsPath(AttemptDir(plan.job_dir(), 1), 0),
                        "no log at all"),
              IsOk());
  Result other = StartResult(plan);
  ASSERT_THAT(AddMetricLogs(plan, &other), IsOk());
  EXPECT_THAT(Paths(other), ElementsAre("attempts/0004/rank00000.metrics"));
}

TEST(ResultFile, DoesNotSpeakOfAFileThatIsNotThere) {
  const LaunchPlan plan = Plan("missing", 1);
  Result result = StartResult(plan);
  const absl::Status status =
      AddResultFile(plan, "weights.safetensors", &result);
  EXPECT_EQ(ExitCodeOf(status), ExitCode::INPUT_OUTPUT);
  EXPECT_THAT(std::string(status.message()), HasSubstr("weights.safetensors"));
  EXPECT_EQ(result.file_size(), 0);
}

TEST(RankLog, BeginsWithItsHeaderAndThinsProgress) {
  const LaunchPlan plan = Plan("log", 1);
  ASSERT_OK_AND_ASSIGN(auto log, RankLog::Open(plan, 0));
  for (int done = 1; done <= 1000; ++done) {
    ASSERT_THAT(log->Progress("images", done, 1000), IsOk());
  }
  ASSERT_THAT(log->Close(), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog read,
                       ReadMetricLog(RankMetricsPath(plan.attempt_dir(), 0)));
  ASSERT_GE(read.records.size(), 3u);
  EXPECT_LT(read.records.size(), 500u);
  EXPECT_EQ(read.records[0].header().id(), plan.id());
  EXPECT_EQ(read.records[0].header().attempt(), 1);
  EXPECT_EQ(read.records.back().progress().done(), 1000);
}

TEST(RankLog, OfAnAttemptIsWrittenOnce) {
  const LaunchPlan plan = Plan("twice", 1);
  ASSERT_OK_AND_ASSIGN(auto log, RankLog::Open(plan, 0));
  EXPECT_EQ(ExitCodeOf(RankLog::Open(plan, 0).status()),
            ExitCode::INPUT_OUTPUT);
}

}  // namespace
}  // namespace transect
