#include "model/cost.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "model/spec.h"

namespace transect {
namespace {

using testing::ElementsAre;

// Base sizes.
const char kReleased[] = "preset: RELEASED_CODE ";
const char kTiny[] = "siglip { variant: TINY } sam { variant: TINY }";

// A field that stands in `rsrefseg` twice is merged.
ModelSpec Resolved(const std::string& rsrefseg) {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(
      absl::StrCat("rsrefseg {", rsrefseg, "}"), &spec));
  ResolveModelSpec(&spec);
  return spec;
}

ModelCost Cost(const std::string& rsrefseg, const CostOptions& options = {}) {
  return EstimateCost(Resolved(rsrefseg), options);
}

ModelCost Released(const std::string& more = "") {
  return Cost(absl::StrCat(kReleased, more));
}

CostPart Part(const ModelCost& cost, const std::string& name) {
  for (const CostPart& part : cost.parts) {
    if (part.name == name) return part;
  }
  ADD_FAILURE() << "no part " << name;
  return {};
}

double Gflop(const ModelCost& cost, const std::string& part) {
  return static_cast<double>(Part(cost, part).forward_flops) / 1e9;
}

// Published counts of trainable parameters, one for each training of the
// paper's two tables.
TEST(CostTest, TheNineTrainingsHaveTheirTrainableParameters) {
  const struct {
    const char* name;
    const char* spec;
    int64_t trainable;
  } cases[] = {
      {"l", "sam { variant: VIT_L }", 20'585'520},
      {"b", "", 16'649'264},
      {"b-r8", "sam { lora { rank: 8 } }", 15'440'944},
      {"b-r32", "sam { lora { rank: 32 } }", 19'065'904},
      {"b-text-zero", "siglip { text_tuning: ZERO }", 12'631'088},
      {"b-text-half", "siglip { text_tuning: HALF }", 14'584'880},
      {"b-rate2", "prompter { downsampling: 2 }", 16'058'928},
      {"b-rate8", "prompter { downsampling: 8 }", 17'239'600},
      {"b-nodense", "prompter { prompts: SPARSE }", 16'649'264},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Released(c.spec).trainable_parameters, c.trainable) << c.name;
  }
}

TEST(CostTest, PaperDefaultsTrainNeitherPromptEncoderNorDeadHead) {
  EXPECT_EQ(Cost("").trainable_parameters, 16'606'180);
  EXPECT_EQ(Cost("sam { variant: VIT_L }").trainable_parameters, 20'542'436);
}

TEST(CostTest, TotalsAreThePublishedOnes) {
  const ModelCost b = Released();
  EXPECT_EQ(b.parameters, 984'280'930);
  EXPECT_EQ(b.unused_parameters, 0);
  // q, k, v and out of 27 layers of both towers of SigLIP and of its two heads;
  // qkv, proj, lin1 and lin2 of 12 layers of SAM, and the convolutions of its
  // neck.
  EXPECT_EQ(b.adapted_parameters, (2 * 27 * 4 + 2) * 1152 * 1152 +
                                      12 * 12 * 768 * 768 +
                                      (768 + 9 * 256) * 256);
  const ModelCost l = Released("sam { variant: VIT_L }");
  EXPECT_EQ(l.parameters, 1'206'824'546);
  // Without the pooling head and what adapts it: 15,235,136 + 36,864 fewer.
  const ModelCost without = Released("siglip { include_dead_head: false }");
  EXPECT_EQ(without.parameters + without.unused_parameters + 36'864,
            b.parameters);
  EXPECT_EQ(without.forward_flops, b.forward_flops);
  EXPECT_EQ(without.train_flops, b.train_flops);
}

TEST(CostTest, PartsHaveThePublishedParameters) {
  const ModelCost b = Released();
  EXPECT_EQ(Part(b, "siglip.vision").parameters, 428'225'600);
  // With logit_scale and logit_bias.
  EXPECT_EQ(Part(b, "siglip.text").parameters, 449'734'896 + 2);
  EXPECT_EQ(Part(b, "sam.encoder").parameters, 89'670'912);
  // With the positional matrix.
  EXPECT_EQ(Part(b, "sam.prompt_encoder").parameters, 6'220 + 256);
  EXPECT_EQ(Part(b, "sam.prompt_encoder").trainable_parameters, 6'220);
  EXPECT_EQ(Part(b, "sam.mask_decoder").parameters, 4'058'340);
  EXPECT_EQ(Part(b, "prompter").parameters, 2'131'712);
  // SAM, both towers of SigLIP, the head of the text tower.
  // The head of the vision tower is adapted as well, without effect.
  EXPECT_EQ(Part(b, "adapters").parameters,
            2'416'640 + 2 * 3'981'312 + 2 * 36'864);
  EXPECT_EQ(Part(Released("sam { variant: VIT_L }"), "sam.encoder").parameters,
            308'278'272);
  EXPECT_EQ(Part(Released("sam { variant: VIT_H }"), "sam.encoder").parameters,
            637'026'048);
}

// Forward GFLOP per image, text of 16 tokens, to the digits that are published.
TEST(CostTest, ForwardFlopsAreThoseOfTheReference) {
  const ModelCost b = Released();
  // The closed form gives 666.448; the reference rounds its summands.
  EXPECT_NEAR(Gflop(b, "siglip.vision"), 666.5, 0.06);
  EXPECT_NEAR(Gflop(b, "siglip.text"), 13.2, 0.05);
  EXPECT_NEAR(Gflop(b, "sam.encoder"), 972.1, 0.05);
  EXPECT_NEAR(Gflop(b, "sam.mask_decoder"), 4.40, 0.005);
  EXPECT_NEAR(Gflop(b, "sam.prompt_encoder"), 0.04, 0.005);
  EXPECT_NEAR(Gflop(b, "prompter"), 1.8, 0.05);
  EXPECT_NEAR(Gflop(b, "adapters"), 26.7, 0.05);
  EXPECT_NEAR(b.forward_flops / 1e9, 1685, 0.5);

  const ModelCost l = Released("sam { variant: VIT_L }");
  EXPECT_NEAR(Gflop(l, "sam.encoder"), 2985.7, 0.05);
  EXPECT_NEAR(Gflop(l, "adapters"), 61.1, 0.05);
  EXPECT_NEAR(l.forward_flops / 1e9, 3733, 0.5);
}

TEST(CostTest, TheTextTowerIsLinearInTheSentence) {
  const std::map<int, double> published = {
      {64, 53.1}, {20, 16.5}, {16, 13.2}, {8, 6.6}};
  for (const auto& [tokens, gflop] : published) {
    CostOptions options;
    options.text_tokens = tokens;
    EXPECT_NEAR(Gflop(Cost(kReleased, options), "siglip.text"), gflop, 0.05);
  }
}

// 36 prompts come from a grid of 24, which a patch of 16 gives.
TEST(CostTest, ThePapersGridMakesTheDecoderCheaper) {
  EXPECT_NEAR(Gflop(Released("siglip { patch_size: 16 }"), "sam.mask_decoder"),
              4.18, 0.005);
}

TEST(CostTest, TrainingFlopsAreThoseOfTheReference) {
  EXPECT_NEAR(Released().train_flops / 1e9, 3847, 1);
  EXPECT_NEAR(Released("sam { variant: VIT_L }").train_flops / 1e9, 8170, 1);
}

TEST(CostTest, TrainingAllCostsThreeTimesTheForward) {
  const ModelCost cost = Released("tuning: ALL");
  EXPECT_EQ(cost.train_flops, 3 * cost.forward_flops);
  EXPECT_EQ(Part(cost, "adapters").forward_flops, 0);
  EXPECT_EQ(cost.trainable_parameters, cost.parameters - 256);
}

TEST(CostTest, NoGradientReachesAFrozenTextTower) {
  const auto backward = [](const std::string& tuning) {
    return Part(Released(absl::StrCat("siglip { text_tuning: ", tuning, " }")),
                "siglip.text")
        .backward_flops;
  };
  EXPECT_EQ(backward("ZERO"), 0);
  EXPECT_GT(backward("HALF"), 0);
  EXPECT_NEAR(1.0 * backward("HALF") / backward("FULL"), 13.0 / 27, 0.001);
}

TEST(CostTest, WithoutADensePromptTheMaskEmbeddingCostsNothing) {
  const ModelCost cost = Released("prompter { prompts: SPARSE }");
  EXPECT_EQ(Part(cost, "sam.prompt_encoder").forward_flops, 0);
}

TEST(CostTest, WithoutSparsePromptsTheDecoderSeesFiveTokens) {
  const ModelCost cost = Released("prompter { prompts: DENSE }");
  EXPECT_LT(Gflop(cost, "sam.mask_decoder"), 3.6);
  EXPECT_LT(Gflop(cost, "prompter"), 0.02);
  EXPECT_EQ(Part(cost, "prompter").parameters, 0);
}

// Bytes per image in bf16 to the digits that are published; the decoder and
// the prompter, which we leave out, are in their rounding.
TEST(CostTest, ActivationMemoryIsThatOfTheReference) {
  const std::string no_dropout =
      "siglip { vision_lora { dropout: 0 } text_lora { dropout: 0 } } "
      "sam { lora { dropout: 0 } } ";
  const std::string large = "sam { variant: VIT_L } ";
  EXPECT_NEAR(Released(no_dropout).activation_bytes / 1e9, 1.9, 0.05);
  EXPECT_NEAR(Released(no_dropout + large).activation_bytes / 1e9, 4.2, 0.05);
  EXPECT_NEAR(Released().activation_bytes / 1e9, 2.3, 0.05);
  EXPECT_NEAR(Released(large).activation_bytes / 1e9, 5.0, 0.05);
}

TEST(CostTest, RecomputingKeepsTheInputsOfBlocksAndOneBlock) {
  CostOptions options;
  options.checkpoint_activations = true;
  const auto gigabytes = [&](const std::string& spec) {
    return Cost(absl::StrCat(kReleased, spec), options).activation_bytes / 1e9;
  };
  // 0.12 and 0.25 GB of inputs, and a window layer of SAM: 6.3 (8.4) MB times
  // 3 + 6 * 4,900 / 4,096 + 8, masks, and statistics in fp32.
  EXPECT_NEAR(gigabytes(""), 0.12 + 0.138, 0.03);
  EXPECT_NEAR(gigabytes("variant: L"), 0.25 + 0.184, 0.04);
}

TEST(CostTest, ActivationsInFp32TakeTwiceTheMemoryLessTheMasks) {
  const std::string no_dropout =
      absl::StrCat(kReleased,
                   "siglip { vision_lora { dropout: 0 } text_lora { dropout: 0 "
                   "} } sam { lora { dropout: 0 } } ");
  CostOptions options;
  options.element_bytes = 4;
  const double ratio = 1.0 * Cost(no_dropout, options).activation_bytes /
                       Cost(no_dropout).activation_bytes;
  EXPECT_NEAR(ratio, 2, 0.01);
  // A mask is a byte an element in either.
  EXPECT_EQ(
      Cost(kReleased, options).activation_bytes -
          Cost(no_dropout, options).activation_bytes,
      Cost(kReleased).activation_bytes - Cost(no_dropout).activation_bytes);
}

TEST(CostTest, PartsAreAlwaysThereInOneOrderAndSumUp) {
  const ModelCost cost = Cost(kTiny);
  std::vector<std::string> names;
  ModelCost sum;
  for (const CostPart& part : cost.parts) {
    names.push_back(part.name);
    sum.parameters += part.parameters;
    sum.trainable_parameters += part.trainable_parameters;
    sum.forward_flops += part.forward_flops;
    sum.train_flops += part.forward_flops + part.backward_flops;
  }
  EXPECT_THAT(names, ElementsAre("siglip.vision", "siglip.text", "sam.encoder",
                                 "sam.prompt_encoder", "sam.mask_decoder",
                                 "prompter", "adapters"));
  EXPECT_EQ(sum.parameters, cost.parameters);
  EXPECT_EQ(sum.trainable_parameters, cost.trainable_parameters);
  EXPECT_EQ(sum.forward_flops, cost.forward_flops);
  EXPECT_EQ(sum.train_flops, cost.train_flops);
}

ModelCost CostOf(const std::string& text) {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec));
  ResolveModelSpec(&spec);
  return EstimateCost(spec, {});
}

TEST(CostTest, ThePatchTextMapCostsSiglipAndOneProduct) {
  const ModelCost cost = CostOf(
      "patch_text_map { siglip { include_dead_head: true } global_text: POOLER "
      "}");
  const ModelCost whole = Released();
  for (const char* part : {"siglip.vision", "siglip.text"}) {
    EXPECT_EQ(Part(cost, part).parameters, Part(whole, part).parameters);
    // The product of the sentence with every patch is with the text.
    const int64_t more =
        std::string(part) == "siglip.text" ? 2 * 27 * 27 * 1152 : 0;
    EXPECT_EQ(Part(cost, part).forward_flops,
              Part(whole, part).forward_flops + more);
    EXPECT_EQ(Part(cost, part).backward_flops,
              Part(whole, part).backward_flops + 2 * more);
  }
  for (const CostPart& part : cost.parts) {
    EXPECT_FALSE(absl::StartsWith(part.name, "sam.")) << part.name;
  }
  // Both towers and the head, the scale and the bias.
  EXPECT_EQ(cost.trainable_parameters, 2 * 3'981'312 + 2 * 36'864 + 2);
  EXPECT_EQ(CostOf("patch_text_map { tune_scale: false }").trainable_parameters,
            2 * 3'981'312 + 36'864);
}

TEST(CostTest, SamWithABoxCostsSamWithTwoPrompts) {
  const ModelCost cost = CostOf("sam_oracle_box { sam { variant: VIT_B } }");
  // Prompt encoder and positional matrix with it.
  EXPECT_EQ(cost.parameters, 93'735'728);
  EXPECT_EQ(cost.trainable_parameters, 0);
  EXPECT_EQ(cost.train_flops, cost.forward_flops);
  EXPECT_EQ(cost.activation_bytes, 0);
  EXPECT_EQ(Part(cost, "sam.encoder").forward_flops,
            Part(Released(), "sam.encoder").forward_flops);
  // 5 + 2 tokens, by the sum of the decoder's products.
  const double n = 4096, d = 256, e = 128, a = 7;
  const auto attention = [d](double q, double k, double inner) {
    return 2 * q * d * inner + 4 * k * d * inner + 4 * q * k * inner +
           2 * q * inner * d;
  };
  const double layer = attention(a, a, d) + attention(a, n, e) +
                       4 * a * d * 2048 + attention(n, a, e);
  const double rest = attention(a, n, e) + 2 * n * d * 64 * 4 +
                      2 * 4 * n * 64 * 32 * 4 + 4 * (4 * d * d + 2 * d * 32) +
                      4 * d * d + 2 * d * 4 + 4 * 2 * 32 * 16 * n;
  EXPECT_EQ(Part(cost, "sam.mask_decoder").forward_flops, 2 * layer + rest);
  EXPECT_EQ(CostOf("sam_oracle_box { tuning: ALL }").train_flops,
            3 * CostOf("sam_oracle_box { tuning: ALL }").forward_flops);
}

TEST(CostTest, TheTinyModelHasAboutEightHundredThousandParameters) {
  EXPECT_NEAR(1.0 * Cost(kTiny).parameters, 800'000, 50'000);
}

// By hand: a layer of the decoder has 1,579,520 parameters, the usual IoU head
// 132,612, one of 128 channels in four layers 66,436.
TEST(CostTest, TheDecodersDepthAndIouHeadCount) {
  const CostPart usual = Part(Cost(""), "sam.mask_decoder");
  const CostPart deep =
      Part(Cost("sam { decoder_layers: 3 }"), "sam.mask_decoder");
  EXPECT_EQ(deep.parameters - usual.parameters, 1'579'520);
  EXPECT_EQ(deep.trainable_parameters - usual.trainable_parameters, 1'579'520);
  const CostPart flat =
      Part(Cost("sam { decoder_layers: 1 }"), "sam.mask_decoder");
  EXPECT_EQ(deep.forward_flops - usual.forward_flops,
            usual.forward_flops - flat.forward_flops);
  EXPECT_GT(deep.forward_flops, usual.forward_flops);
  const CostPart head =
      Part(Cost("sam { iou_head_size: 128 iou_head_layers: 4 }"),
           "sam.mask_decoder");
  EXPECT_EQ(usual.parameters - head.parameters, 132'612 - 66'436);
  // Two FLOP for each of its weights: 131,072 + 1,024 - 2 * 32,768 - 512.
  EXPECT_EQ(usual.forward_flops - head.forward_flops,
            2 * (2 * 256 * 256 + 256 * 4 - 256 * 128 - 2 * 128 * 128 - 512));
}

// A tower without adapters passes no gradient, keeps no activations and has
// nothing to train.
TEST(CostTest, ATowerWithoutAdaptersOnlyGoesForward) {
  const ModelCost with = Cost("");
  const ModelCost without = Cost("sam { lora { rank: 0 } }");
  EXPECT_EQ(Part(without, "sam.encoder").forward_flops,
            Part(with, "sam.encoder").forward_flops);
  EXPECT_EQ(Part(without, "sam.encoder").backward_flops, 0);
  EXPECT_EQ(Part(without, "adapters").parameters,
            Part(with, "adapters").parameters - 2'416'640);
  EXPECT_LT(without.activation_bytes, with.activation_bytes / 2);
  const ModelCost none = Cost(
      "sam { lora { rank: 0 } } siglip { vision_lora { rank: 0 } text_lora { "
      "rank: 0 } }");
  EXPECT_EQ(none.activation_bytes, 0);
  EXPECT_EQ(none.trainable_parameters,
            Part(none, "sam.mask_decoder").parameters +
                Part(none, "prompter").parameters);
}

}  // namespace
}  // namespace transect
