#include "launch/worker/load_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// make_hugging_face.py.
constexpr char kRoot[] = "tests/golden/testdata/published";

TrainJob Job() {
  TrainJob job;
  *job.mutable_run()->mutable_model() =
      *ReadTextproto<ModelSpec>(absl::StrCat(kRoot, "/published.textproto"));
  job.mutable_run()->mutable_weights()->mutable_random();
  ResolveRun(job.mutable_run());
  return job;
}

TensorMap State(const std::shared_ptr<SegmentationModel>& model) {
  return StateTensors(*model, /*trainable_only=*/false);
}

// Starts of the names of the tensors that are not as they were drawn.
std::string ChangedParts(const TrainJob& job) {
  const auto drawn = BuildInitialModel(Job(), BuildOptions());
  const auto model = BuildInitialModel(job, BuildOptions());
  EXPECT_THAT(drawn, IsOk());
  EXPECT_THAT(model, IsOk());
  if (!drawn.ok() || !model.ok()) return "";
  const TensorMap before = State(*drawn);
  std::string changed;
  for (const auto& [name, tensor] : State(*model)) {
    std::string part = name.substr(0, name.find('.', name.find('.') + 1));
    if (absl::StrContains(name, ".lora_")) part += "/lora";
    if (!tensor.equal(before.at(name)) && !absl::StrContains(changed, part)) {
      absl::StrAppend(&changed, part, " ");
    }
  }
  return changed;
}

TEST(BuildInitialModelTest, TakesWhatTheSpecNamesAndNothingElse) {
  EXPECT_EQ(ChangedParts(Job()), "");

  TrainJob found = Job();
  WeightsSpec* const weights = found.mutable_run()->mutable_weights();
  weights->mutable_found()->set_sam_role("sam");
  found.mutable_initial_weights()->set_sam(absl::StrCat(kRoot, "/sam"));
  EXPECT_EQ(ChangedParts(found),
            "sam.mask_decoder sam.prompt_encoder sam.shared_image_embedding "
            "sam.vision_encoder ");

  TrainJob adapted = Job();
  adapted.mutable_run()->mutable_weights()->mutable_adapters()->add_parts(
      FoundAdapters::SIGLIP_TEXT);
  adapted.mutable_initial_weights()->set_adapters(
      absl::StrCat(kRoot, "/adapters"));
  EXPECT_EQ(ChangedParts(adapted), "siglip.text_model/lora ");
}

TEST(BuildInitialModelTest, AMissingPlaceIsAnError) {
  TrainJob job = Job();
  job.mutable_run()->mutable_weights()->mutable_found()->set_siglip_role("s");
  EXPECT_THAT(BuildInitialModel(job, BuildOptions()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the place of the SigLIP weights is ''")));
  job.mutable_initial_weights()->set_siglip("/nowhere");
  EXPECT_THAT(
      BuildInitialModel(job, BuildOptions()),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/config.json")));
}

// Saves what a run with this network saves, all of it times two, and builds the
// network with it.
void ExpectTrainedTensorsComeBack(const RunSpec& run) {
  TrainJob job;
  *job.mutable_run() = run;
  const BuildOptions options = BuildOptionsOf(run.training(), at::kCPU);
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> before,
                       BuildInitialModel(job, options));
  EXPECT_TRUE(before->is_training());
  const TensorMap initial = State(before);
  TensorMap saved;
  for (const auto& [name, value] :
       StateTensors(*before, SavesTrainableOnly(run.model()))) {
    saved[name] = value.detach() * 2;
  }
  const std::string file = NewDir() + "/weights.safetensors";
  ASSERT_THAT(SaveTensors(file, saved), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> after,
                       BuildTrainedModel(job, file, options));
  EXPECT_FALSE(after->is_training());
  for (const auto& [name, value] : State(after)) {
    EXPECT_TRUE(
        value.equal(saved.count(name) > 0 ? saved.at(name) : initial.at(name)))
        << name;
  }
}

TEST(BuildTrainedModelTest, LaysTrainedTensorsOverTheInitialOnes) {
  EXPECT_TRUE(SavesTrainableOnly(SmallRun().model()));
  ExpectTrainedTensorsComeBack(SmallRun());
  RunSpec all = SmallRun();
  all.mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveRun(&all);
  EXPECT_FALSE(SavesTrainableOnly(all.model()));
  ExpectTrainedTensorsComeBack(all);
}

TEST(BuildTrainedModelTest,
     ANetworkThatTrainsNothingHasAFileWithoutParameters) {
  RunSpec oracle = SmallRun();
  oracle.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  oracle.mutable_training()->set_steps(0);
  ResolveRun(&oracle);
  ExpectTrainedTensorsComeBack(oracle);
}

TEST(BuildTrainedModelTest, WithoutAFileTheWeightsAreTheInitialOnes) {
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> initial,
                       BuildInitialModel(Job(), BuildOptions()));
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> built,
                       BuildTrainedModel(Job(), "", BuildOptions()));
  EXPECT_FALSE(built->is_training());
  const TensorMap expected = State(initial);
  for (const auto& [name, tensor] : State(built)) {
    EXPECT_TRUE(tensor.equal(expected.at(name))) << name;
  }
}

TEST(BuildOptionsOfTest, FollowTheSpec) {
  TrainingSpec training;
  training.set_precision(TrainingSpec::BF16);
  training.set_activations(TrainingSpec::RECOMPUTE);
  const BuildOptions options = BuildOptionsOf(training, at::kCPU);
  EXPECT_EQ(options.compute, at::kBFloat16);
  EXPECT_EQ(options.device, at::kCPU);
  EXPECT_TRUE(options.checkpoint_activations);
  EXPECT_EQ(options.shards, nullptr);
  training.set_precision(TrainingSpec::FP16);
  EXPECT_EQ(BuildOptionsOf(training, at::kCPU).compute, at::kHalf);
  EXPECT_EQ(BuildOptionsOf(TrainingSpec(), at::kCPU).compute, at::kFloat);
}

}  // namespace
}  // namespace transect
