// Compares SAM with true boxes with Hugging Face's SamModel in fp64, as
// make_tiny_oracle.py wrote it down.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/strip.h"
#include "data/io/textproto.h"
#include "model/base/segmentation_model.h"
#include "model/base/stages.h"
#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/spec.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr char kStem[] = "tests/golden/testdata/tiny_oracle";
constexpr double kTolerance = 1e-5;

TEST(TinySamOracleBox, EveryStageHasTheActivationsOfTheReference) {
  at::set_num_threads(1);
  ASSERT_OK_AND_ASSIGN(ModelSpec spec, ReadTextproto<ModelSpec>(
                                           std::string(kStem) + ".textproto"));
  ResolveModelSpec(&spec);
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(spec, /*seed=*/1));
  ASSERT_THAT(
      LoadParts(*model, std::string(kStem) + "_weights.safetensors", {"sam."}),
      IsOk());
  ASSERT_OK_AND_ASSIGN(
      const TensorMap reference,
      LoadTensors(std::string(kStem) + "_reference.safetensors"));

  model->eval();
  const torch::NoGradGuard no_grad;
  ModelInput input;
  input.image = reference.at("input.image");
  std::map<std::string, at::Tensor> stages;
  {
    const StageRecorder recorder(&stages);
    dynamic_cast<OracleModel&>(*model).ForwardWithTruth(
        input, {reference.at("input.boxes")});
  }
  int compared = 0;
  for (const auto& [name, expected] : reference) {
    absl::string_view stage = name;
    if (!absl::ConsumePrefix(&stage, "stage.")) continue;
    ASSERT_EQ(stages.count(std::string(stage)), 1u) << stage;
    const at::Tensor ours = stages[std::string(stage)].to(at::kDouble);
    ASSERT_EQ(ours.sizes(), expected.sizes()) << stage;
    EXPECT_LE(((ours - expected).norm() / expected.norm()).item<double>(),
              kTolerance)
        << stage;
    ++compared;
  }
  EXPECT_EQ(compared, 3);
}

}  // namespace
}  // namespace transect
