#include "model/networks/patch_text_map/patch_text_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "google/protobuf/text_format.h"
#include "model/build_model.h"
#include "model/spec.h"
#include "tests/model/testing/expect_table.h"
#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr int64_t kSide = 48;

// `more` may set fields of siglip again: they are merged.
ModelSpec Spec(const std::string& more = "") {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(
      "patch_text_map { siglip { variant: TINY } " + more + " }", &spec));
  ResolveModelSpec(&spec);
  return spec;
}

std::shared_ptr<SegmentationModel> Build(const std::string& more = "") {
  at::set_num_threads(1);
  auto model = BuildModel(Spec(more), /*seed=*/1);
  EXPECT_THAT(model, IsOk());
  return *model;
}

// Images of SigLIP's size.
TinyBatch Batch(int64_t size) {
  TinyBatch batch = MakeTinyBatch(size);
  batch.input.image =
      batch.input.image.slice(2, 0, kSide).slice(3, 0, kSide).contiguous();
  batch.mask = batch.mask.slice(2, 0, kSide).slice(3, 0, kSide).contiguous();
  return batch;
}

TEST(PatchTextMap, HasTheTensorsOfTheTable) {
  for (const char* more :
       {"", "tuning: ALL", "tune_scale: false", "similarity: DOT",
        "siglip { text_tuning: ZERO }", "global_text: POOLER"}) {
    SCOPED_TRACE(more);
    ASSERT_OK_AND_ASSIGN(const auto model,
                         PatchTextMap::Compose(Spec(more).patch_text_map(),
                                               /*seed=*/1, BuildOptions()));
    ExpectTable(*model, Spec(more));
  }
}

TEST(PatchTextMap, TrainsTheScaleOnlyWhereItIsAsked) {
  EXPECT_TRUE(Build()->named_parameters()["siglip.logit_bias"].requires_grad());
  EXPECT_FALSE(Build("tune_scale: false")
                   ->named_parameters()["siglip.logit_bias"]
                   .requires_grad());
}

TEST(PatchTextMap, HasOneMapOfSiglipsGrid) {
  const auto model = Build();
  model->eval();
  const ModelOutput output = model->Forward(Batch(3).input);
  EXPECT_EQ(output.mask_logits.sizes(), at::IntArrayRef({3, 1, 6, 6}));
  EXPECT_TRUE(output.activation_logits.equal(output.mask_logits));
}

// The same towers, sentences and images: RSRefSeg's activation is this mask.
TEST(PatchTextMap, IsTheActivationOfRsRefSegWithTheSameWeights) {
  const torch::NoGradGuard no_grad;
  for (const char* switches :
       {"similarity: DOT global_text: EOS_HIDDEN",
        "similarity: COSINE_SCALED global_text: POOLER"}) {
    ASSERT_OK_AND_ASSIGN(
        const auto whole,
        BuildModel(TinySpec(std::string("prompter {") + switches + "}"), 1));
    const auto map = Build(switches);
    whole->eval();
    map->eval();
    const ModelInput input = MakeTinyBatch(2).input;
    EXPECT_THAT(map->Forward(input).mask_logits,
                TensorNear(whole->Forward(input).activation_logits, 1e-6))
        << switches;
  }
}

TEST(PatchTextMap, TakesSiglipsOwnImageWhereThereIsOne) {
  const torch::NoGradGuard no_grad;
  const auto model = Build();
  model->eval();
  ModelInput input = Batch(2).input;
  const at::Tensor before = model->Forward(input).mask_logits;
  input.siglip_image = input.image;
  input.image = torch::zeros_like(input.image);
  EXPECT_TRUE(model->Forward(input).mask_logits.equal(before));
}

TEST(PatchTextMap, ReadsTheSentence) {
  const torch::NoGradGuard no_grad;
  const auto model = Build();
  model->eval();
  ModelInput input = Batch(2).input;
  const at::Tensor before = model->Forward(input).mask_logits;
  input.token_ids[0][0] = 77;
  const at::Tensor after = model->Forward(input).mask_logits;
  EXPECT_FALSE(after[0].equal(before[0]));
  EXPECT_TRUE(after[1].equal(before[1]));
}

TEST(PatchTextMap, SaysNearlyTheSameInHalfPrecision) {
  const torch::NoGradGuard no_grad;
  BuildOptions options;
  options.compute = at::kBFloat16;
  const auto full = Build();
  ASSERT_OK_AND_ASSIGN(const auto half, BuildModel(Spec(), 1, options));
  full->eval();
  half->eval();
  const ModelInput input = Batch(2).input;
  const at::Tensor logits = half->Forward(input).mask_logits;
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  const at::Tensor expected = full->Forward(input).mask_logits;
  EXPECT_LT(((logits - expected).norm() / expected.norm()).item<double>(),
            0.02);
}

TEST(PatchTextMap, OverfitsOneBatch) {
  for (const char* more : {"", "tuning: ALL"}) {
    const auto model = Build(more);
    const auto [first, last] =
        OverfitOneBatch(*model, Batch(4), /*learning_rate=*/4e-3, /*steps=*/80);
    EXPECT_LT(last, 0.6 * first) << more;
    EXPECT_LT(last, 0.35) << more;
  }
}

TEST(PatchTextMap, SaysWhatIsWrongWithABatch) {
  const auto model = Build();
  ModelInput input = Batch(2).input;
  input.sample_ids.clear();
  EXPECT_THROW(model->Forward(input), c10::ValueError);
  input.token_ids = input.token_ids.slice(0, 0, 1);
  EXPECT_THROW(model->Forward(input), c10::ValueError);
}

}  // namespace
}  // namespace transect
