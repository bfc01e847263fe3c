// What fails after the last step of a training does not cost the training: the
// next attempt only evaluates.

#include <signal.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/multiprocess/worker_job.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

constexpr int kNoSpace = 28;
constexpr int kBrokenDisk = 5;

// Runs an attempt in which a call of the file layer fails
// (data/io/file_fault.h).
std::vector<int> RunWithFault(const std::string& fault, Job* job) {
  setenv("TRANSECT_FILE_FAULT", fault.c_str(), 1);
  const std::vector<int> codes = job->Run();
  unsetenv("TRANSECT_FILE_FAULT");
  return codes;
}

// Runs the next attempt, which has to finish the job without a step.
void ExpectItOnlyEvaluates(Job* job) {
  const std::string weights = job->Weights();
  job->NextAttempt();
  ASSERT_EQ(job->Run(), std::vector<int>(job->plan().ranks(), ExitCode::OK))
      << job->LastLine(0);
  const ResultCheck check = job->Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.attempt(), 1);
  EXPECT_EQ(check.result.steps(), 4);
  EXPECT_GT(check.result.seconds(), 0);
  EXPECT_TRUE(check.result.has_machine());
  EXPECT_EQ(check.result.file(0).sha256(), Sha256(weights));
  EXPECT_EQ(job->Weights(), weights);
  // Who trains has a log.
  EXPECT_FALSE(FileExists(RankMetricsPath(job->plan().attempt_dir(), 0)));
  EXPECT_FALSE(FileExists(TrainedPath(AttemptDir(job->job_dir(), 1))));
}

TEST(WorkerKept, KilledBetweenWeightsAndResult) {
  Job job = TrainingJob("kept_killed");
  EXPECT_EQ(RunWithFault("rename result.textproto 1 kill", &job),
            std::vector<int>{-SIGKILL});
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, KilledBetweenWeightsAndResultOfSeveralRanks) {
  Job job = TrainingJob("kept_killed_ranks", 2);
  job.training().set_collective_timeout_seconds(3600);
  EXPECT_EQ(RunWithFault("rename result.textproto 1 kill", &job),
            (std::vector<int>{-SIGKILL, ExitCode::PEER_LOST}));
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, ATrainingWithoutEvaluationsOnlyGetsItsResult) {
  Job job = TrainingJob("kept_weights_only");
  job.EvaluateOn({});
  EXPECT_EQ(RunWithFault("rename result.textproto 1 kill", &job),
            std::vector<int>{-SIGKILL});
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, KilledBeforeTheWeightsItTrainsAgain) {
  Job job = TrainingJob("not_kept");
  EXPECT_EQ(RunWithFault("rename weights.safetensors 1 kill", &job),
            std::vector<int>{-SIGKILL});
  EXPECT_FALSE(FileExists(absl::StrCat(job.job_dir(), "/", kWeightsFile)));
  job.NextAttempt();
  ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  EXPECT_EQ(job.Check().result.attempt(), 2);
  EXPECT_EQ(job.TrainSteps().size(), 4u);
}

TEST(WorkerKept, ADiskThatIsFullForAMoment) {
  Job job = TrainingJob("kept_moment");
  EXPECT_EQ(RunWithFault(absl::StrCat("write weights.safetensors 1 ", kNoSpace),
                         &job),
            std::vector<int>{ExitCode::OK});
  EXPECT_THAT(job.Output(0),
              HasSubstr("No space left on device; trying again"));
  EXPECT_EQ(job.Check().state, ResultCheck::kValid);
}

TEST(WorkerKept, AFullDiskWhileTheResultIsWritten) {
  Job job = TrainingJob("kept_full");
  EXPECT_EQ(
      RunWithFault(absl::StrCat("write result.textproto 1 ", kNoSpace), &job),
      std::vector<int>{ExitCode::INPUT_OUTPUT});
  EXPECT_THAT(job.LastLine(0), HasSubstr("No space left on device"));
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, ALogThatCannotBeClosed) {
  Job job = TrainingJob("kept_log");
  // The first is that of the header.
  EXPECT_EQ(
      RunWithFault(absl::StrCat("fsync 0001/rank00000.metrics 2 ", kBrokenDisk),
                   &job),
      std::vector<int>{ExitCode::INPUT_OUTPUT});
  EXPECT_THAT(job.LastLine(0), HasSubstr("sync metric log"));
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, ALogThatDoesNotTakeTheLastStep) {
  Job whole = TrainingJob("kept_whole_log");
  whole.EvaluateOn({});
  ASSERT_EQ(whole.Run(), std::vector<int>{ExitCode::OK}) << whole.LastLine(0);
  // A write for each record and one for what stands before them.
  const size_t last = whole.Records(0).size() + 1;
  Job job = TrainingJob("kept_last_step");
  EXPECT_EQ(RunWithFault(absl::StrCat("write 0001/rank00000.metrics ", last,
                                      " ", kNoSpace),
                         &job),
            std::vector<int>{ExitCode::INPUT_OUTPUT});
  EXPECT_EQ(job.TrainSteps().size(), 3u);
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, AnEvaluationThatFails) {
  Job job = TrainingJob("kept_evaluation");
  EXPECT_EQ(
      RunWithFault(absl::StrCat("write rank00000.masks 3 ", kNoSpace), &job),
      std::vector<int>{ExitCode::INPUT_OUTPUT});
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, APeerThatIsLostInTheEvaluation) {
  Job job = TrainingJob("kept_peer", 2);
  job.training().set_collective_timeout_seconds(3600);
  EXPECT_EQ(RunWithFault("write rank00001.masks 3 kill", &job),
            (std::vector<int>{ExitCode::PEER_LOST, -SIGKILL}));
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  ExpectItOnlyEvaluates(&job);
}

TEST(WorkerKept, APeerThatIsLostAfterTheLastStep) {
  Job job = TrainingJob("kept_peer_log", 2);
  job.training().set_collective_timeout_seconds(3600);
  EXPECT_EQ(RunWithFault("fsync 0001/rank00001.metrics 2 kill", &job),
            (std::vector<int>{ExitCode::PEER_LOST, -SIGKILL}));
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  ExpectItOnlyEvaluates(&job);
}

}  // namespace
}  // namespace transect
