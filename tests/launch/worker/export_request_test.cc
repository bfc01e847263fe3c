#include "launch/worker/export_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/run/resolve.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/load_model.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_file.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// make_hugging_face.py.
constexpr char kRoot[] = "tests/golden/testdata/published";

class ExportWeightsTest : public testing::Test {
 protected:
  ExportWeightsTest() : dir_(NewDir()) {
    TrainJob& job = *request_.mutable_train();
    *job.mutable_run()->mutable_model() =
        *ReadTextproto<ModelSpec>(absl::StrCat(kRoot, "/published.textproto"));
    WeightsSpec& weights = *job.mutable_run()->mutable_weights();
    weights.mutable_found()->set_siglip_role("siglip");
    weights.mutable_adapters()->add_parts(FoundAdapters::SIGLIP_VISION);
    weights.mutable_adapters()->add_parts(FoundAdapters::SIGLIP_TEXT);
    weights.mutable_adapters()->add_parts(FoundAdapters::SAM_VISION);
    weights.mutable_adapters()->set_role("mine");
    ResolveRun(job.mutable_run());
    job.mutable_initial_weights()->set_siglip(absl::StrCat(kRoot, "/siglip"));
    job.mutable_initial_weights()->set_adapters(
        absl::StrCat(kRoot, "/adapters"));
    request_.set_trained_weights(dir_ + "/weights.safetensors");
  }

  // As if it had been trained: the adapters of PEFT.
  TensorMap SaveTrained() {
    const absl::StatusOr<std::shared_ptr<SegmentationModel>> model =
        BuildInitialModel(request_.train(), BuildOptions());
    EXPECT_THAT(model, IsOk());
    EXPECT_THAT(SaveTensors(request_.trained_weights(),
                            StateTensors(**model, /*trainable_only=*/true)),
                IsOk());
    return StateTensors(**model, /*trainable_only=*/false);
  }

  std::string dir_;
  ExportRequest request_;
};

TEST_F(ExportWeightsTest, MergedModelsAreTheBaseAndTheAdapters) {
  const torch::NoGradGuard no_grad;
  TensorMap state = SaveTrained();
  request_.set_merged(dir_ + "/merged");
  ASSERT_THAT(ExportWeights(request_), IsOkAndHolds(ExitCode::OK));
  ASSERT_OK_AND_ASSIGN(
      const HuggingFaceWeights merged,
      OpenHuggingFace(dir_ + "/merged/siglip", request_.train().run().model(),
                      HuggingFaceModel::kSiglip));
  ASSERT_OK_AND_ASSIGN(const TensorMap tensors, ReadTensors(merged.tensors));
  const std::string layer =
      "siglip.vision_model.encoder.layers.1.self_attn.q_proj.";
  EXPECT_TRUE(tensors.at(layer + "weight")
                  .allclose(state.at(layer + "weight") +
                                torch::mm(state.at(layer + "lora_B.weight"),
                                          state.at(layer + "lora_A.weight")) *
                                    (7.0 / 3),
                            1e-6, 1e-7));
  EXPECT_FALSE(tensors.at(layer + "weight").equal(state.at(layer + "weight")));
  EXPECT_TRUE(tensors.at(layer + "bias").equal(state.at(layer + "bias")));
  EXPECT_THAT(
      OpenHuggingFace(dir_ + "/merged/sam", request_.train().run().model(),
                      HuggingFaceModel::kSam),
      IsOk());
  EXPECT_TRUE(FileExists(dir_ + "/merged/rest.safetensors"));

  // What the network does not build comes from where the run started.
  ASSERT_OK_AND_ASSIGN(const HuggingFaceWeights base,
                       OpenHuggingFace(absl::StrCat(kRoot, "/siglip"),
                                       request_.train().run().model(),
                                       HuggingFaceModel::kSiglip));
  ASSERT_EQ(merged.unused.size(), base.unused.size());
  ASSERT_OK_AND_ASSIGN(const TensorMap head, ReadTensors(merged.unused));
  ASSERT_OK_AND_ASSIGN(const TensorMap base_head, ReadTensors(base.unused));
  for (const auto& [name, tensor] : base_head) {
    EXPECT_TRUE(head.at(name).equal(tensor)) << name;
  }
  EXPECT_THAT(ReadFile(dir_ + "/merged/siglip/config.json"),
              IsOkAndHolds(Not(HasSubstr("vision_use_head"))));
}

TEST_F(ExportWeightsTest, WithoutAPoolingHeadTheConfigurationSaysSo) {
  request_.mutable_train()->mutable_run()->mutable_weights()->mutable_random();
  request_.mutable_train()->mutable_initial_weights()->clear_siglip();
  SaveTrained();
  request_.set_merged(dir_ + "/merged");
  ASSERT_THAT(ExportWeights(request_), IsOk());
  EXPECT_THAT(ReadFile(dir_ + "/merged/siglip/config.json"),
              IsOkAndHolds(HasSubstr("\"vision_use_head\": false")));
}

TEST_F(ExportWeightsTest, NothingIsMadeWhereOneOfTheDirectoriesExists) {
  SaveTrained();
  Put(dir_ + "/merged/mine", "kept");
  request_.set_peft(dir_ + "/peft");
  request_.set_merged(dir_ + "/merged");
  EXPECT_THAT(ExportWeights(request_),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr("/merged exists already")));
  EXPECT_FALSE(FileExists(dir_ + "/peft"));
}

}  // namespace
}  // namespace transect
