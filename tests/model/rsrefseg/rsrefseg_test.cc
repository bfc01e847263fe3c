#include "model/rsrefseg/rsrefseg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/build_model.h"
#include "model/loss.h"
#include "model/tensor_table.h"
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

// The modules have the names, shapes and flags that the table lists, and no
// other tensors.
void ExpectTable(const ModelSpec& spec) {
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<RsRefSeg> model,
                       RsRefSeg::Compose(spec, /*seed=*/1, nullptr));
  const auto parameters = model->named_parameters();
  const auto buffers = model->named_buffers();
  std::set<std::string> left;
  for (const std::string& name : parameters.keys()) left.insert(name);
  for (const std::string& name : buffers.keys()) left.insert(name);
  for (const TensorInfo& info : TensorTable(spec)) {
    if (!info.used) {
      EXPECT_EQ(left.count(info.name), 0u) << info.name;
      continue;
    }
    const at::Tensor* tensor =
        info.buffer ? buffers.find(info.name) : parameters.find(info.name);
    ASSERT_NE(tensor, nullptr) << info.name;
    EXPECT_EQ(tensor->sizes(), at::IntArrayRef(info.shape)) << info.name;
    EXPECT_EQ(tensor->requires_grad(), info.trainable) << info.name;
    left.erase(info.name);
  }
  EXPECT_THAT(left, testing::IsEmpty());
}

TEST(RsRefSeg, HasTheTensorsOfTheTableInEveryTinyVariant) {
  for (const char* overrides :
       {"", "tuning: ALL", "siglip { text_tuning: ZERO }",
        "siglip { text_tuning: HALF }", "sam { tune_prompt_encoder: true }",
        "prompter { prompts: SPARSE downsampling: 2 }",
        "prompter { prompts: DENSE }", "prompter { downsampling: 8 }",
        "sam { lora { targets: 'patch_embed.projection' targets: 'lin1' } }"}) {
    SCOPED_TRACE(overrides);
    ExpectTable(TinySpec(overrides));
  }
}

// Parameters are allocated but never touched, so this takes no memory to speak
// of.
TEST(RsRefSeg, HasTheTensorsOfTheTableAtPublishedSizes) {
  for (const char* variants :
       {"siglip { variant: SO400M_PATCH14_384 } sam { variant: VIT_B }",
        "siglip { variant: LARGE_PATCH16_384 } sam { variant: VIT_L }",
        "siglip { variant: BASE_PATCH16_224 } sam { variant: VIT_H }"}) {
    SCOPED_TRACE(variants);
    ExpectTable(ResolvedSpec(std::string("rsrefseg {") + variants + "}"));
  }
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

TEST(RsRefSeg, LearnsABatchByHeart) {
  for (const char* overrides :
       {"tuning: ALL", "tuning: ALL prompter { similarity: COSINE_SCALED }",
        "tuning: ADAPTERS"}) {
    const auto model = Build(overrides);
    TinyBatch batch = MakeTinyBatch(4);
    std::vector<at::Tensor> trained;
    for (const at::Tensor& parameter : model->parameters()) {
      if (parameter.requires_grad()) trained.push_back(parameter);
    }
    torch::optim::AdamW optimizer(trained, torch::optim::AdamWOptions(2e-3));
    double first = 0, last = 0;
    for (int64_t step = 0; step < 60; ++step) {
      batch.input.step = step;
      optimizer.zero_grad();
      const at::Tensor loss = SegmentationLoss(model->Forward(batch.input),
                                               batch.mask, {.bce_weight = 1});
      loss.backward();
      optimizer.step();
      last = loss.item<double>();
      if (step == 0) first = last;
    }
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
