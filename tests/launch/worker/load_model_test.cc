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
#include "experiments/expanding/resolve.h"
#include "launch/store/job.pb.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "tests/launch/testing/job_dirs.h"
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
                       HasSubstr("initial_weights.siglip")));
  job.mutable_initial_weights()->set_siglip("/nowhere");
  EXPECT_THAT(
      BuildInitialModel(job, BuildOptions()),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/config.json")));
}

TEST(BuildTrainedModelTest, LaysWhatWasTrainedOverTheInitialWeights) {
  const TrainJob job = Job();
  EXPECT_TRUE(SavesTrainableOnly(job.run().model()));
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> trained,
                       BuildInitialModel(job, BuildOptions()));
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : StateTensors(*trained, true)) {
      tensor.add_(1);
    }
  }
  const std::string file = NewDir() + "/weights.safetensors";
  ASSERT_THAT(SaveTensors(file, StateTensors(*trained, true)), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> built,
                       BuildTrainedModel(job, file));
  const TensorMap expected = State(trained);
  for (const auto& [name, tensor] : State(built)) {
    EXPECT_TRUE(tensor.equal(expected.at(name))) << name;
  }
}

}  // namespace
}  // namespace transect
