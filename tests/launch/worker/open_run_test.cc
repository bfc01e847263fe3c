#include "launch/worker/open_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/run/resolve.h"
#include "launch/training/exit_codes.h"
#include "launch/worker/load_model.h"
#include "model/checkpoint/tensor_file.h"
#include "tests/launch/worker/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

RunFiles Files(const RunSpec& run) {
  RunFiles files;
  *files.mutable_job()->mutable_run() = run;
  files.mutable_job()->set_tokenizer_path(GetSmallFiles().tokenizer_path);
  files.mutable_job()->set_data_root(GetSmallFiles().data_root);
  return files;
}

// Saves what a run with this network saves, all of it times two, and opens the
// network with it.
void ExpectTrainedTensorsComeBack(const RunSpec& run, const std::string& name) {
  RunFiles files = Files(run);
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> before,
                       OpenModel(files.job(), at::kCPU, nullptr));
  EXPECT_TRUE(before->is_training());
  TensorMap saved;
  for (const auto& [tensor, value] :
       StateTensors(*before, SavesTrainableOnly(run.model()))) {
    saved[tensor] = value.detach() * 2;
  }
  files.set_trained_weights_path(
      absl::StrCat(testing::TempDir(), "/", name, ".safetensors"));
  ASSERT_THAT(SaveTensors(files.trained_weights_path(), saved), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> after,
                       OpenTrainedModel(files, at::kCPU));
  EXPECT_FALSE(after->is_training());
  const auto old = before->named_parameters();
  for (const auto& parameter : after->named_parameters()) {
    const at::Tensor expected = saved.count(parameter.key()) > 0
                                    ? saved[parameter.key()]
                                    : old[parameter.key()];
    EXPECT_TRUE(parameter.value().equal(expected)) << parameter.key();
  }
}

TEST(OpenRun, LaysTrainedTensorsOverTheInitialOnes) {
  ExpectTrainedTensorsComeBack(SmallRun(), "adapters");
  RunSpec all = SmallRun();
  all.mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveRun(&all);
  EXPECT_FALSE(SavesTrainableOnly(all.model()));
  ExpectTrainedTensorsComeBack(all, "all");
}

TEST(OpenRun, ANetworkThatTrainsNothingHasAFileWithoutParameters) {
  RunSpec oracle = SmallRun();
  oracle.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  oracle.mutable_training()->set_steps(0);
  ResolveRun(&oracle);
  ExpectTrainedTensorsComeBack(oracle, "oracle");
}

TEST(OpenRun, ErrorsSayWhoseTheyAre) {
  RunFiles files = Files(SmallRun());
  EXPECT_THAT(OpenSplit(files.job(), "val"), IsOk());
  EXPECT_THAT(OpenTokenizer(files.job()), IsOk());
  files.mutable_job()->set_data_root("/no/such/root");
  files.mutable_job()->set_tokenizer_path("/no/such/spiece.model");
  EXPECT_EQ(ExitCodeOf(OpenSplit(files.job(), "val").status()), ExitCode::DATA);
  EXPECT_EQ(ExitCodeOf(OpenTokenizer(files.job()).status()), ExitCode::DATA);
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
