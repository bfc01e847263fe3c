#include "launch/worker/open_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "experiments/training/training.pb.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(OpenRun, ErrorsSayWhoseTheyAre) {
  TrainJob job;
  *job.mutable_run() = SmallRun();
  job.set_tokenizer_path(GetSmallFiles().tokenizer_path);
  job.set_data_root(GetSmallFiles().data_root);
  EXPECT_THAT(OpenSplit(job, "val"), IsOk());
  EXPECT_THAT(OpenTokenizer(job), IsOk());
  job.set_data_root("/no/such/root");
  job.set_tokenizer_path("/no/such/spiece.model");
  EXPECT_EQ(ExitCodeOf(OpenSplit(job, "val").status()), ExitCode::DATA);
  EXPECT_EQ(ExitCodeOf(OpenTokenizer(job).status()), ExitCode::DATA);
}

TEST(ConfigureNumerics, TakesTheThreadsOfTheSpec) {
  TrainingSpec training;
  training.set_threads_per_rank(1);
  ConfigureNumerics(training);
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
}

}  // namespace
}  // namespace transect
