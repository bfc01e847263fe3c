#include "launch/worker/export_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/run/resolve.h"
#include "experiments/training/training.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/load_model.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_file.h"
#include "model/layers/computed_values.h"
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

  // Values that half precision does not have, in all that is trained.
  void SaveTrainedWithNoise() {
    const torch::NoGradGuard no_grad;
    const absl::StatusOr<std::shared_ptr<SegmentationModel>> model =
        BuildInitialModel(request_.train(), BuildOptions());
    ASSERT_THAT(model, IsOk());
    TensorMap trained = StateTensors(**model, /*trainable_only=*/true);
    torch::manual_seed(3);
    for (auto& [name, tensor] : trained) {
      // Statistics stay.
      if (tensor.requires_grad()) {
        tensor = tensor + 0.05 * torch::randn(tensor.sizes());
      }
    }
    ASSERT_THAT(SaveTensors(request_.trained_weights(), trained), IsOk());
  }

  // The run's network as it is evaluated.
  std::shared_ptr<SegmentationModel> EvaluatedModel(at::ScalarType compute) {
    BuildOptions options;
    options.compute = compute;
    auto model = BuildTrainedModel(request_.train(), request_.trained_weights(),
                                   options);
    EXPECT_THAT(model, IsOk());
    return *model;
  }

  // A network without adapters that reads all three parts of an export.
  std::shared_ptr<SegmentationModel> Exported(at::ScalarType compute) {
    TrainJob job = request_.train();
    RsRefSegSpec* const spec =
        job.mutable_run()->mutable_model()->mutable_rsrefseg();
    spec->mutable_siglip()->mutable_vision_lora()->set_rank(0);
    spec->mutable_siglip()->mutable_text_lora()->set_rank(0);
    spec->mutable_sam()->mutable_lora()->set_rank(0);
    WeightsSpec& weights = *job.mutable_run()->mutable_weights();
    weights.mutable_found()->set_sam_role("sam");
    weights.mutable_adapters()->clear_parts();
    weights.mutable_adapters()->add_parts(FoundAdapters::REST);
    ResolveRun(job.mutable_run());
    job.mutable_initial_weights()->set_siglip(request_.merged() + "/siglip");
    job.mutable_initial_weights()->set_sam(request_.merged() + "/sam");
    job.mutable_initial_weights()->set_adapters(request_.merged());
    BuildOptions options;
    options.compute = compute;
    auto model = BuildTrainedModel(job, /*trained_weights=*/"", options);
    EXPECT_THAT(model, IsOk());
    return *model;
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

// Logits for two images of noise.
at::Tensor Logits(SegmentationModel& model) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(4);
  ModelInput input;
  input.image = torch::rand({2, 3, 30, 30});
  input.token_ids = torch::tensor({{5, 9, 1, 1}, {7, 8, 6, 1}}, torch::kLong);
  input.token_counts = torch::tensor({3, 4}, torch::kLong);
  return model.Forward(input).mask_logits;
}

double RelativeError(const at::Tensor& value, const at::Tensor& expected) {
  return ((value - expected).norm() / expected.norm()).item<double>();
}

// Three networks: as a half-precision run evaluates it; the weights of that one
// computed in fp32; the export, in fp32.
TEST_F(ExportWeightsTest, OfHalfPrecisionTheEvaluatedNetworkIsExported) {
  request_.set_merged(dir_ + "/merged");
  for (const auto& [precision, type] :
       {std::pair{TrainingSpec::BF16, at::kBFloat16},
        {TrainingSpec::FP16, at::kHalf}}) {
    SCOPED_TRACE(type);
    std::filesystem::remove_all(request_.merged());
    request_.mutable_train()->mutable_run()->mutable_training()->set_precision(
        precision);
    ASSERT_NO_FATAL_FAILURE(SaveTrainedWithNoise());
    ASSERT_THAT(ExportWeights(request_), IsOkAndHolds(ExitCode::OK));
    EXPECT_THAT(ReadFile(request_.merged() + "/sam/config.json"),
                IsOkAndHolds(HasSubstr("\"torch_dtype\": \"float32\"")));

    const auto evaluated = EvaluatedModel(type);
    const at::Tensor in_evaluation = Logits(*evaluated);
    ToComputedValues(*evaluated, type);
    const auto exported = Exported(at::kFloat);
    // Weights that no adapter changed, bit for bit.
    const auto expected = evaluated->named_parameters();
    int compared = 0;
    for (const auto& parameter : exported->named_parameters()) {
      const std::string& name = parameter.key();
      const std::string layer = name.substr(0, name.rfind('.'));
      if (expected.contains(layer + ".lora_A.weight")) continue;
      EXPECT_TRUE(parameter.value().equal(expected[name])) << name;
      ++compared;
    }
    EXPECT_GT(compared, 100);

    // The same function, in exact arithmetic: what differs are roundings of
    // fp32. Weights that are not rounded as the evaluation's are off by their
    // own unit roundoff, 2^-9 or 2^-12.
    const auto in_full = EvaluatedModel(type);
    ToComputedValues(*in_full, type);
    TensorMap state = StateTensors(*in_full, /*trainable_only=*/false);
    const auto full = EvaluatedModel(at::kFloat);
    {
      const torch::NoGradGuard no_grad;
      for (auto& [name, tensor] : StateTensors(*full, false)) {
        tensor.copy_(state.at(name));
      }
    }
    const at::Tensor exact = Logits(*full);
    const double from_exact = RelativeError(Logits(*exported), exact);
    EXPECT_LT(from_exact, 1e-5);
    const auto unrounded = EvaluatedModel(at::kFloat);
    EXPECT_GT(RelativeError(Logits(*unrounded), exact), 1e-4)
        << "and the comparison has teeth";

    // Against the evaluation itself the roundings of activations count, and in
    // half precision a second rounding of the merged weights.
    const double half = type == at::kHalf ? 1.0 / 8 : 1;
    EXPECT_LT(RelativeError(Logits(*exported), in_evaluation), 0.05 * half);
    EXPECT_LT(RelativeError(Logits(*Exported(type)), in_evaluation),
              0.05 * half);
  }
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
