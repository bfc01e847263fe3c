#include "model/networks/rsrefseg/rsrefseg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/evaluation_memo.h"
#include "model/base/stages.h"
#include "model/build_model.h"
#include "model/loss.h"
#include "tests/model/testing/expect_table.h"
#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;

std::shared_ptr<SegmentationModel> Build(const std::string& overrides,
                                         uint64_t seed = 1) {
  // Small tensors: threads only wait for each other.
  at::set_num_threads(1);
  auto model = BuildModel(TinySpec(overrides), seed);
  EXPECT_THAT(model, IsOk());
  return *model;
}

void ExpectTableOf(const ModelSpec& spec) {
  ASSERT_OK_AND_ASSIGN(
      const std::shared_ptr<RsRefSeg> model,
      RsRefSeg::Compose(spec.rsrefseg(), /*seed=*/1, BuildOptions()));
  ExpectTable(*model, spec);
}

TEST(RsRefSeg, HasTheTensorsOfTheTableInEveryTinyVariant) {
  for (const char* overrides :
       {"", "tuning: ALL", "siglip { text_tuning: ZERO }",
        "siglip { text_tuning: HALF }", "sam { tune_prompt_encoder: true }",
        "prompter { prompts: SPARSE downsampling: 2 }",
        "prompter { prompts: DENSE }", "prompter { downsampling: 8 }",
        "preset: RELEASED_CODE",
        "siglip { include_dead_head: true vision_lora { targets: 'fc1' } }",
        "sam { lora { targets: 'patch_embed.projection' targets: 'lin1' } }",
        "sam { decoder_layers: 1 iou_head_size: 24 iou_head_layers: 2 }",
        "sam { decoder_layers: 3 iou_head_size: 96 iou_head_layers: 5 }",
        "siglip { vision_lora { rank: 0 } }", "sam { lora { rank: 0 } }",
        "siglip { vision_lora { rank: 0 } text_lora { rank: 0 } } sam { lora { "
        "rank: 0 } }"}) {
    SCOPED_TRACE(overrides);
    ExpectTableOf(TinySpec(overrides));
  }
}

// Parameters are allocated but never touched, so this takes no memory to speak
// of.
TEST(RsRefSeg, HasTheTensorsOfTheTableAtPublishedSizes) {
  for (const char* variants :
       {"siglip { variant: SO400M_PATCH14_384 } sam { variant: VIT_B }",
        "siglip { variant: LARGE_PATCH16_384 } sam { variant: VIT_L }",
        "preset: RELEASED_CODE", "preset: RELEASED_CODE variant: L",
        "siglip { variant: BASE_PATCH16_224 } sam { variant: VIT_H }"}) {
    SCOPED_TRACE(variants);
    ExpectTableOf(ResolvedSpec(std::string("rsrefseg {") + variants + "}"));
  }
}

// The published counts, of the modules themselves. The positional matrix is
// among the published parameters, but a buffer here.
TEST(RsRefSeg, HasThePublishedNumberOfParameters) {
  const struct {
    const char* variant;
    int64_t all, trainable;
  } cases[] = {{"variant: B", 984'280'930, 16'649'264},
               {"variant: L", 1'206'824'546, 20'585'520}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(
        const std::shared_ptr<RsRefSeg> model,
        RsRefSeg::Compose(
            ResolvedSpec(absl::StrCat("rsrefseg { preset: RELEASED_CODE ",
                                      c.variant, " }"))
                .rsrefseg(),
            /*seed=*/1, BuildOptions()));
    int64_t all = 0, trainable = 0;
    for (const at::Tensor& parameter : model->parameters()) {
      all += parameter.numel();
      if (parameter.requires_grad()) trainable += parameter.numel();
    }
    EXPECT_EQ(all + 2 * 128, c.all) << c.variant;
    EXPECT_EQ(trainable, c.trainable) << c.variant;
  }
}

// S23: what wraps the pooling head changes nothing and learns nothing.
TEST(RsRefSeg, TheDeadHeadHasNoEffect) {
  const TinyBatch batch = MakeTinyBatch(2);
  const auto model = Build(
      "siglip { include_dead_head: true vision_lora { dropout: 0 } "
      "text_lora { dropout: 0 } } sam { lora { dropout: 0 } }");
  const at::Tensor before = model->Forward(batch.input).mask_logits;
  int dead = 0;
  for (const auto& parameter : model->named_parameters()) {
    if (!absl::StrContains(parameter.key(), "vision_model.head.")) continue;
    ++dead;
    const torch::NoGradGuard no_grad;
    parameter.value().fill_(3);
  }
  EXPECT_EQ(dead, 11 + 2);
  const ModelOutput after = model->Forward(batch.input);
  EXPECT_TRUE(after.mask_logits.equal(before));
  SegmentationLoss(after, batch.mask, {1.0, 1.0}).backward();
  for (const auto& parameter : model->named_parameters()) {
    if (absl::StrContains(parameter.key(), "vision_model.head.")) {
      EXPECT_FALSE(parameter.value().grad().defined()) << parameter.key();
    }
  }
}

// Loss and gradients of one training step.
struct Step {
  at::Tensor loss;
  std::map<std::string, at::Tensor> gradients;
};

Step TrainingStep(const std::string& overrides, const BuildOptions& options) {
  at::set_num_threads(1);
  auto model = BuildModel(TinySpec(overrides), /*seed=*/1, options);
  EXPECT_THAT(model, IsOk());
  // So that A has a gradient too.
  for (const auto& parameter : (*model)->named_parameters()) {
    if (absl::StrContains(parameter.key(), "lora_B")) {
      const torch::NoGradGuard no_grad;
      torch::manual_seed(7);
      parameter.value().normal_(0, 0.02);
    }
  }
  TinyBatch batch = MakeTinyBatch(3);
  batch.input.step = 5;
  Step step;
  step.loss =
      SegmentationLoss((*model)->Forward(batch.input), batch.mask, {1.0, 0.5});
  step.loss.backward();
  for (const auto& parameter : (*model)->named_parameters()) {
    if (parameter.value().grad().defined()) {
      step.gradients[parameter.key()] = parameter.value().grad();
    }
  }
  return step;
}

TEST(RsRefSeg, ActivationCheckpointingKeepsEveryBit) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const char* overrides : {"", "preset: RELEASED_CODE", "tuning: ALL",
                                  "siglip { text_tuning: HALF }"}) {
      SCOPED_TRACE(overrides);
      BuildOptions options;
      options.compute = type;
      const Step kept = TrainingStep(overrides, options);
      options.checkpoint_activations = true;
      const Step again = TrainingStep(overrides, options);
      EXPECT_TRUE(kept.loss.equal(again.loss));
      ASSERT_EQ(kept.gradients.size(), again.gradients.size());
      for (const auto& [name, gradient] : kept.gradients) {
        EXPECT_TRUE(gradient.equal(again.gradients.at(name))) << name;
      }
    }
  }
}

TEST(RsRefSeg, HalfPrecisionKeepsMastersInFullAndFrozenWeightsInHalf) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    BuildOptions options;
    options.compute = type;
    ASSERT_OK_AND_ASSIGN(const auto model,
                         BuildModel(TinySpec(), /*seed=*/1, options));
    for (const auto& parameter : model->named_parameters()) {
      const bool full =
          parameter.value().requires_grad() || parameter.value().numel() == 1;
      EXPECT_EQ(parameter.value().scalar_type(), full ? at::kFloat : type)
          << parameter.key();
    }
    for (const auto& buffer : model->named_buffers()) {
      EXPECT_TRUE(buffer.value().scalar_type() == at::kFloat ||
                  buffer.value().scalar_type() == at::kLong)
          << buffer.key();
    }
  }
}

// The weights are those of fp32, rounded; what comes out differs by rounding
// alone, and every trained tensor has a gradient in fp32.
TEST(RsRefSeg, HalfPrecisionComputesWhatFullPrecisionDoes) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    for (const char* overrides : {"", "preset: RELEASED_CODE", "tuning: ALL"}) {
      SCOPED_TRACE(overrides);
      const Step full = TrainingStep(overrides, BuildOptions());
      BuildOptions options;
      options.compute = type;
      const Step half = TrainingStep(overrides, options);
      // Two roundings of a number of 4.5, with eight bits or eleven.
      EXPECT_THAT(half.loss,
                  TensorNear(full.loss, type == at::kHalf ? 0.004 : 0.032));
      EXPECT_EQ(half.loss.scalar_type(), at::kFloat);
      ASSERT_EQ(half.gradients.size(), full.gradients.size());
      double difference = 0, norm = 0;
      for (const auto& [name, gradient] : half.gradients) {
        EXPECT_EQ(gradient.scalar_type(), at::kFloat) << name;
        const at::Tensor expected = full.gradients.at(name);
        difference += (gradient - expected).square().sum().item<double>();
        norm += expected.square().sum().item<double>();
      }
      // A gradient comes from some 330 roundings in a row: 11 blocks, forward
      // and backward, 15 operations each. Independent ones add up to 18 unit
      // roundoffs; 25 leave room for those that are not independent.
      const double roundoff = type == at::kHalf ? 0x1p-11 : 0x1p-8;
      EXPECT_LT(std::sqrt(difference / norm), 25 * roundoff);
    }
  }
}

// What MAX_LENGTH means: pads are attended, so the length counts and the batch
// does not.
TEST(RsRefSeg, MaxLengthPadsToTheTableOfPositions) {
  const torch::NoGradGuard no_grad;
  const auto model = Build("siglip { text_padding: MAX_LENGTH }");
  model->eval();
  TinyBatch batch = MakeTinyBatch(2);
  const at::Tensor logits = model->Forward(batch.input).mask_logits;
  const at::Tensor ids = batch.input.token_ids;
  batch.input.token_ids = torch::constant_pad_nd(ids, {0, 32 - ids.size(1)}, 1);
  EXPECT_TRUE(model->Forward(batch.input).mask_logits.equal(logits));
  const auto longest = Build("siglip { text_padding: LONGEST }");
  longest->eval();
  EXPECT_FALSE(longest->Forward(batch.input).mask_logits.equal(logits));
}

TEST(RsRefSeg, StartsFromTheSeedAlone) {
  const auto one = Build("")->named_parameters();
  const auto again = Build("")->named_parameters();
  const auto other = Build("", /*seed=*/2)->named_parameters();
  const auto without_lora =
      Build("siglip { text_tuning: ZERO }")->named_parameters();
  for (const auto& parameter : one) {
    EXPECT_TRUE(parameter.value().equal(again[parameter.key()]))
        << parameter.key();
    const at::Tensor* same = without_lora.find(parameter.key());
    if (same != nullptr) {
      EXPECT_TRUE(parameter.value().equal(*same)) << parameter.key();
    }
  }
  EXPECT_FALSE(one["sam.vision_encoder.layers.0.attn.qkv.weight"].equal(
      other["sam.vision_encoder.layers.0.attn.qkv.weight"]));
}

TEST(RsRefSeg, StartsWithAdaptersThatChangeNothing) {
  const torch::NoGradGuard no_grad;
  const TinyBatch batch = MakeTinyBatch(2);
  const auto adapted = Build(""), plain = Build("tuning: ALL");
  adapted->eval();
  plain->eval();
  EXPECT_THAT(adapted->Forward(batch.input).mask_logits,
              TensorNear(plain->Forward(batch.input).mask_logits, 1e-5));
}

TEST(RsRefSeg, EvaluatesAnImageAlikeInEveryBatch) {
  const torch::NoGradGuard no_grad;
  const auto model = Build("");
  model->eval();
  const ModelInput input = MakeTinyBatch(6).input;
  const at::Tensor all = model->Forward(input).mask_logits;
  const std::vector<int64_t> places = {4, 2, 5, 0, 3, 1};
  const at::Tensor moved = model->Forward(Select(input, places)).mask_logits;
  const at::Tensor alone = model->Forward(Select(input, {4})).mask_logits;
  for (size_t i = 0; i < places.size(); ++i) {
    EXPECT_TRUE(moved[static_cast<int64_t>(i)].equal(all[places[i]]));
  }
  // Another size of batch may choose other kernels.
  EXPECT_THAT(alone[0], TensorNear(all[4], 1e-4));
}

// With images and sentences known nothing is computed twice, and the answers
// are those without.
TEST(RsRefSeg, RemembersImagesAndSentencesOfAnEvaluation) {
  for (const char* overrides : {"", "preset: RELEASED_CODE"}) {
    SCOPED_TRACE(overrides);
    const auto model = Build(overrides);
    model->eval();
    const torch::NoGradGuard guard;
    EvaluationMemo memo;
    TinyBatch batch = MakeTinyBatch(2);
    const auto expect_same = [&] {
      ModelInput with_memo = batch.input;
      with_memo.memo = &memo;
      std::map<std::string, at::Tensor> stages;
      const StageRecorder recorder(&stages);
      const ModelOutput remembered = model->Forward(with_memo);
      const std::map<std::string, at::Tensor> of_memo = stages;
      const ModelOutput plain = model->Forward(batch.input);
      EXPECT_THAT(remembered.mask_logits, TensorNear(plain.mask_logits, 1e-5));
      return of_memo;
    };
    expect_same();
    EXPECT_EQ(memo.sentences.size(), 2);
    // The sentences change places: no tower runs.
    batch.input.token_ids = batch.input.token_ids.flip(0);
    batch.input.token_counts = batch.input.token_counts.flip(0);
    std::map<std::string, at::Tensor> stages = expect_same();
    for (const char* stage : {"text_hidden", "vision_hidden", "sam_image"}) {
      EXPECT_EQ(stages.count(stage), 0) << stage;
    }
    EXPECT_EQ(stages.count("mask_logits"), 1);
    // Other images.
    memo.images.clear();
    batch.input.image = 1 - batch.input.image;
    stages = expect_same();
    EXPECT_EQ(stages.count("vision_hidden"), 1);
    EXPECT_EQ(stages.count("text_hidden"), 0);
    EXPECT_EQ(memo.sentences.size(), 2);
  }
}

TEST(RsRefSeg, KeysDropoutBySampleAndStep) {
  const torch::NoGradGuard no_grad;
  const auto model = Build("");
  for (const auto& parameter : model->named_parameters()) {
    if (parameter.key().find("lora_B") != std::string::npos) {
      parameter.value().fill_(0.05);
    }
  }
  // The activation comes before the batch norms, so samples are independent.
  ModelInput input = MakeTinyBatch(4).input;
  const at::Tensor all = model->Forward(input).activation_logits;
  EXPECT_TRUE(model->Forward(input).activation_logits.equal(all));
  EXPECT_TRUE(model->Forward(Select(input, {2, 1, 3, 0}))
                  .activation_logits[0]
                  .equal(all[2]));
  input.step = 1;
  EXPECT_FALSE(model->Forward(input).activation_logits.equal(all));
}

TEST(RsRefSeg, ReadsTheSentence) {
  const torch::NoGradGuard no_grad;
  ModelInput input = MakeTinyBatch(2).input;
  for (const char* prompts : {"SPARSE", "DENSE", "SPARSE_AND_DENSE"}) {
    const auto model =
        Build(std::string("prompter { prompts: ") + prompts + " }");
    model->eval();
    const at::Tensor before = model->Forward(input).mask_logits;
    ModelInput other = input;
    other.token_ids = input.token_ids.clone();
    other.token_ids[0][0] = 77;
    const at::Tensor after = model->Forward(other).mask_logits;
    EXPECT_FALSE(after[0].equal(before[0])) << prompts;
    EXPECT_TRUE(after[1].equal(before[1])) << prompts;
  }
}

TEST(RsRefSeg, OverfitsOneBatch) {
  for (const char* overrides :
       {"tuning: ALL", "tuning: ALL prompter { similarity: COSINE_SCALED }",
        "tuning: ADAPTERS"}) {
    const auto model = Build(overrides);
    const auto [first, last] = OverfitOneBatch(
        *model, MakeTinyBatch(4), /*learning_rate=*/2e-3, /*steps=*/60);
    EXPECT_GT(first, 0.4) << overrides;
    EXPECT_LT(last, 0.1) << overrides;
  }
}

TEST(RsRefSeg, SaysWhatIsWrongWithABatch) {
  const auto model = Build("");
  const auto message_of = [&model](const ModelInput& input) -> std::string {
    try {
      model->Forward(input);
    } catch (const c10::ValueError& error) {
      return error.what_without_backtrace();
    }
    return "no error";
  };
  const ModelInput good = MakeTinyBatch(3).input;
  ModelInput input = good;
  input.sample_ids.pop_back();
  EXPECT_THAT(message_of(input), HasSubstr("needs 3 sample ids, got 2"));
  input = good;
  input.token_ids = good.token_ids.slice(0, 0, 2);
  EXPECT_THAT(message_of(input), HasSubstr("equally many"));
  input = good;
  input.token_counts = torch::tensor({3, 1, 4}, torch::kLong);
  EXPECT_THAT(message_of(input), HasSubstr("without a word"));
}

}  // namespace
}  // namespace transect
