// How the worker ends when something is wrong.

#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/train_job.h"
#include "model/base/runtime.h"
#include "tests/multiprocess/worker_job.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Worker, EndsAllRanksAlikeWhereTheLossIsNotFinite) {
  Job job = TrainingJob("non_finite", 2);
  job.training().mutable_optimizer()->set_lr(1e30);
  EXPECT_EQ(job.Run(),
            (std::vector<int>{ExitCode::NON_FINITE, ExitCode::NON_FINITE}));
  for (const int rank : {0, 1}) {
    EXPECT_THAT(
        job.LastLine(rank),
        AllOf(StartsWith("transect_worker: NON_FINITE: "), HasSubstr("step ")));
  }
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
}

TEST(Worker, NamesTheDataThatIsMissing) {
  Job job = TrainingJob("no_data");
  job.plan().mutable_train()->set_data_root("/nowhere/rrsisd");
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(job.LastLine(0), AllOf(StartsWith("transect_worker: DATA: "),
                                     HasSubstr("/nowhere/rrsisd")));
  Job tokenizer = TrainingJob("no_tokenizer");
  tokenizer.plan().mutable_train()->set_tokenizer_path("/nowhere/spiece.model");
  EXPECT_EQ(tokenizer.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(tokenizer.LastLine(0), HasSubstr("/nowhere/spiece.model"));
}

TEST(Worker, RefusesInputsThatAreNotWhatTheirJobsMade) {
  Job job = TrainingJob("changed_inputs");
  const std::string made = job.job_dir() + "/made";
  std::filesystem::copy(GetInputs().data.job_dir(), made,
                        std::filesystem::copy_options::recursive);
  job.plan().mutable_train()->set_data_root(made + "/data");
  const std::string images = made + "/data/images/rrsisd/JPEGImages";
  // An image that reads as well as the one that was made.
  std::filesystem::copy(images + "/00001.jpg", images + "/00002.jpg",
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(job.LastLine(0),
              AllOf(StartsWith("transect_worker: DATA: "),
                    HasSubstr("/00002.jpg: its SHA-256 is"),
                    HasSubstr("remove the directory " + made)));
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
}

// By the closed connection: the time-out is longer than the test may take.
TEST(Worker, LosesAPeerThatIsKilled) {
  Job job = TrainingJob("killed_peer", 2);
  job.training().set_steps(100000);
  job.training().set_collective_timeout_seconds(3600);
  job.Start();
  AwaitStep(job, 2);
  job.Signal(1, SIGKILL);
  EXPECT_EQ(job.Wait(0), ExitCode::PEER_LOST);
  EXPECT_EQ(job.Wait(1), -SIGKILL);
  EXPECT_THAT(job.LastLine(0), AllOf(StartsWith("transect_worker: PEER_LOST: "),
                                     Not(HasSubstr("Timed out"))));
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
}

TEST(Worker, LosesAPeerThatStallsWhenTheTimeIsUp) {
  Job job = TrainingJob("stalled_peer", 2);
  job.training().set_steps(100000);
  job.training().set_collective_timeout_seconds(3);
  job.Start();
  AwaitStep(job, 2);
  job.Signal(1, SIGSTOP);
  EXPECT_EQ(job.Wait(0), ExitCode::PEER_LOST);
  EXPECT_THAT(job.LastLine(0),
              AllOf(StartsWith("transect_worker: PEER_LOST: "),
                    HasSubstr("(time-out 3s)"), HasSubstr("Timed out")));
  job.Signal(1, SIGKILL);
  EXPECT_EQ(job.Wait(1), -SIGKILL);
}

TEST(Worker, SigtermEndsItAfterTheStepAndLeavesACheckpointAndNoResult) {
  Job job = TrainingJob("told");
  job.training().set_steps(100000);
  job.Start();
  AwaitStep(job, 2);
  job.Signal(0, SIGTERM);
  EXPECT_EQ(job.Wait(0), ExitCode::CHECKPOINTED);
  EXPECT_THAT(ListDirectory(CheckpointsDir(job.plan().attempt_dir())),
              IsOkAndHolds(ElementsAre(absl::StrFormat(
                  "step-%010d.safetensors", job.TrainSteps().back().step()))));
  EXPECT_LT(job.TrainSteps().back().step(), job.training().steps());
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
  EXPECT_FALSE(FileExists(absl::StrCat(job.job_dir(), "/", kWeightsFile)));
}

TEST(Worker, AnswersWrongArgumentsWithOneLine) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"--launch=/nowhere", "--rank=x"},
        {"--launch=/nowhere", "--rank=0"}}) {
    ProcessSpec process;
    process.program = WorkerPath();
    process.arguments = arguments;
    process.directory = testing::TempDir();
    process.log_path =
        absl::StrCat(testing::TempDir(), "/arguments", arguments.size());
    process.environment = RankEnvironment(1);
    std::filesystem::remove(process.log_path);
    ASSERT_OK_AND_ASSIGN(const pid_t pid, StartProcess(process));
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_GE(WEXITSTATUS(status), ExitCode::SPEC);
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(process.log_path));
    EXPECT_THAT(text, StartsWith("transect_worker: "));
    EXPECT_THAT(absl::StripAsciiWhitespace(text), Not(HasSubstr("\n")));
  }
}

TEST(Worker, AGpuThatIsNotThereIsOneClearLine) {
  if (BuiltWithCuda() && OpenGpu(0).ok()) {
    GTEST_SKIP() << "this machine has a GPU";
  }
  Job job = TrainingJob("gpu");
  job.training().set_device(TrainingSpec::CUDA);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::SPEC});
  EXPECT_THAT(job.LastLine(0),
              StartsWith("transect_worker: SPEC: training.device is CUDA: "));
}

}  // namespace
}  // namespace transect
