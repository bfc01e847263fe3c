#include "model/tensor_table.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const char kTiny[] = "siglip { variant: TINY } sam { variant: TINY }";

std::map<std::string, TensorInfo> ByName(const ModelSpec& spec) {
  std::map<std::string, TensorInfo> by_name;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    EXPECT_TRUE(by_name.emplace(tensor.name, tensor).second)
        << "twice: " << tensor.name;
  }
  return by_name;
}

std::vector<std::string> Adapters(const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (tensor.adapter) names.push_back(tensor.name);
  }
  return names;
}

std::vector<std::string> PrompterTensors(const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (!tensor.adapter && absl::StartsWith(tensor.name, "prompter.")) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

// Unfolds a file of make_checkpoint_keys.py to name -> shape, and checks it
// against the counts in its first line.
std::map<std::string, std::string> PublishedKeys(const std::string& model) {
  const absl::StatusOr<std::string> text =
      ReadFile(absl::StrCat("tests/model/testdata/", model, ".keys"));
  EXPECT_THAT(text, IsOk());
  std::map<std::string, std::string> keys;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const size_t open = parts.first.find('{');
    if (open == absl::string_view::npos) {
      keys[std::string(parts.first)] = std::string(parts.second);
      continue;
    }
    const size_t close = parts.first.find('}');
    for (absl::string_view layer :
         absl::StrSplit(parts.first.substr(open + 1, close - open - 1), ',')) {
      keys[absl::StrCat(parts.first.substr(0, open), layer,
                        parts.first.substr(close + 1))] =
          std::string(parts.second);
    }
  }
  return keys;
}

struct Published {
  std::string model;
  // Fields of RsRefSegSpec.
  std::string spec;
  std::string prefix;
  size_t tensors;
  int64_t elements;
};

class PublishedTest : public testing::TestWithParam<Published> {};

TEST_P(PublishedTest, EveryNameAndShapeOfTheCheckpointIsInTheTable) {
  std::map<std::string, std::string> table;
  int64_t elements = 0;
  for (const TensorInfo& tensor : TensorTable(RsRefSegOf(GetParam().spec))) {
    absl::string_view name = tensor.name;
    if (tensor.adapter) continue;
    if (!absl::ConsumePrefix(&name, GetParam().prefix)) continue;
    table[std::string(name)] = ShapeText(tensor.shape);
    elements += NumElements(tensor);
  }
  EXPECT_EQ(table, PublishedKeys(GetParam().model));
  EXPECT_EQ(table.size(), GetParam().tensors);
  EXPECT_EQ(elements, GetParam().elements);
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoints, PublishedTest,
    testing::Values(Published{"siglip-so400m-patch14-384", "", "siglip.", 888,
                              877'960'498},
                    Published{"sam-vit-base", "", "sam.", 314, 93'735'728},
                    Published{"sam-vit-large", "sam { variant: VIT_L }", "sam.",
                              482, 312'343'088},
                    Published{"sam-vit-huge", "sam { variant: VIT_H }", "sam.",
                              594, 641'090'864}));

// S23.
TEST(TensorTableTest, TheDeadHeadIsThereWhereItIsAskedFor) {
  const auto table = ByName(
      RsRefSegOf(absl::StrCat(kTiny, " siglip { include_dead_head: true }")));
  std::vector<std::string> dead;
  for (const auto& [name, tensor] : table) {
    EXPECT_TRUE(tensor.used) << name;
    EXPECT_EQ(tensor.dead, absl::StartsWith(name, "siglip.vision_model.head."))
        << name;
    if (tensor.dead && tensor.trainable) dead.push_back(name);
  }
  EXPECT_THAT(dead,
              UnorderedElementsAre(
                  "siglip.vision_model.head.attention.out_proj.lora_A.weight",
                  "siglip.vision_model.head.attention.out_proj.lora_B.weight"));
}

TEST(TensorTableTest, OnlyThePoolingHeadOfTheVisionTowerIsUnused) {
  for (const auto& [name, tensor] : ByName(RsRefSegOf(kTiny))) {
    EXPECT_EQ(tensor.used, !absl::StartsWith(name, "siglip.vision_model.head."))
        << name;
    EXPECT_FALSE(tensor.trainable && !tensor.used) << name;
  }
}

TEST(TensorTableTest, ThePrompterHasTheNamesAndShapesOfTheReleasedCode) {
  const ModelSpec spec = RsRefSegOf("prompter { downsampling: 2 }");
  EXPECT_THAT(
      PrompterTensors(spec),
      ElementsAre("prompter.prompter_down_channel.conv.weight",
                  "prompter.prompter_down_channel.bn.weight",
                  "prompter.prompter_down_channel.bn.bias",
                  "prompter.prompter_down_channel.bn.running_mean",
                  "prompter.prompter_down_channel.bn.running_var",
                  "prompter.prompter_down_channel.bn.num_batches_tracked",
                  "prompter.prompter_down_spatial.0.conv.weight",
                  "prompter.prompter_down_spatial.0.bn.weight",
                  "prompter.prompter_down_spatial.0.bn.bias",
                  "prompter.prompter_down_spatial.0.bn.running_mean",
                  "prompter.prompter_down_spatial.0.bn.running_var",
                  "prompter.prompter_down_spatial.0.bn.num_batches_tracked",
                  "prompter.prompter_down_spatial.1.conv.weight",
                  "prompter.prompter_down_spatial.1.conv.bias"));
  std::map<std::string, TensorInfo> table = ByName(spec);
  EXPECT_THAT(table["prompter.prompter_down_channel.conv.weight"].shape,
              ElementsAre(256, 3456, 1, 1));
  EXPECT_THAT(table["prompter.prompter_down_spatial.0.conv.weight"].shape,
              ElementsAre(256, 256, 3, 3));
  EXPECT_THAT(
      table["prompter.prompter_down_channel.bn.num_batches_tracked"].shape,
      IsEmpty());
  EXPECT_TRUE(table["prompter.prompter_down_channel.bn.running_mean"].buffer);
  EXPECT_FALSE(
      table["prompter.prompter_down_channel.bn.running_mean"].trainable);
}

TEST(TensorTableTest, WithoutSparsePromptsThePrompterHasNoTensors) {
  EXPECT_THAT(PrompterTensors(RsRefSegOf("prompter { prompts: DENSE }")),
              IsEmpty());
}

TEST(TensorTableTest, AdaptersHaveTheShapesOfPeft) {
  std::map<std::string, TensorInfo> table =
      ByName(RsRefSegOf("sam { lora { rank: 4 } }"));
  const auto shape = [&](const std::string& name) {
    EXPECT_EQ(table.count(name), 1u) << name;
    return table[name].shape;
  };
  const std::string sam = "sam.vision_encoder.";
  EXPECT_THAT(shape(sam + "layers.11.attn.qkv.lora_A.weight"),
              ElementsAre(4, 768));
  EXPECT_THAT(shape(sam + "layers.11.attn.qkv.lora_B.weight"),
              ElementsAre(2304, 4));
  EXPECT_THAT(shape(sam + "neck.conv2.lora_A.weight"),
              ElementsAre(4, 256, 3, 3));
  EXPECT_THAT(shape(sam + "neck.conv2.lora_B.weight"),
              ElementsAre(256, 4, 1, 1));
  EXPECT_THAT(shape(sam + "neck.conv1.lora_A.weight"),
              ElementsAre(4, 768, 1, 1));
  EXPECT_THAT(shape("siglip.text_model.head.lora_A.weight"),
              ElementsAre(16, 1152));
}

// Modules with an adapter, and in a tower of 3 text layers, so that half of
// them is not a whole number.
std::set<std::string> AdaptedModules(const std::string& more) {
  std::set<std::string> modules;
  for (const std::string& name : Adapters(RsRefSegOf(
           absl::StrCat(kTiny, " siglip { text { layers: 3 } }", more)))) {
    absl::string_view module = name;
    if (absl::ConsumeSuffix(&module, ".lora_A.weight")) {
      modules.insert(std::string(module));
    }
  }
  return modules;
}

TEST(TensorTableTest, TextTuningChoosesTheLayersOfTheTextTower) {
  const std::string layers = "siglip.text_model.encoder.layers.";
  const std::set<std::string> zero =
      AdaptedModules("siglip { text_tuning: ZERO }");
  for (const std::string& module : zero) {
    EXPECT_FALSE(absl::StartsWith(module, "siglip.text_model.")) << module;
  }
  const std::set<std::string> half =
      AdaptedModules("siglip { text_tuning: HALF }");
  EXPECT_THAT(half, Contains("siglip.text_model.head"));
  EXPECT_THAT(half, Not(Contains(layers + "1.self_attn.q_proj")));
  EXPECT_THAT(half, Contains(layers + "2.self_attn.q_proj"));
  const std::set<std::string> full =
      AdaptedModules("siglip { text_tuning: FULL }");
  EXPECT_EQ(full.size(), zero.size() + 3 * 4 + 1);
  EXPECT_EQ(half.size(), zero.size() + 1 * 4 + 1);
}

TEST(TensorTableTest, TargetsAreSuffixesAsInPeft) {
  const auto adapted = [&](const std::string& siglip, const std::string& sam) {
    return AdaptedModules(
        absl::StrCat("siglip { text_tuning: ZERO vision_lora { targets: \"",
                     siglip, "\" } } sam { lora { targets: \"", sam, "\" } }"));
  };
  EXPECT_THAT(adapted("layers.1.self_attn.k_proj", "neck.conv1"),
              UnorderedElementsAre(
                  "siglip.vision_model.encoder.layers.1.self_attn.k_proj",
                  "sam.vision_encoder.neck.conv1"));
  // A suffix begins at a dot: proj is neither q_proj nor projection.
  EXPECT_THAT(adapted("proj", "layers.3.attn.proj"),
              UnorderedElementsAre("sam.vision_encoder.layers.3.attn.proj"));
  // The unused pooling head is no network of ours.
  EXPECT_THAT(adapted("head.attention.out_proj", "embed.projection"),
              IsEmpty());
}

TEST(TensorTableTest, ARegularExpressionAdaptsLinearAndConvolution) {
  const auto table = ByName(RsRefSegOf(
      absl::StrCat(kTiny,
                   " sam { lora { rank: 3 target_regex: "
                   "'(layers.[02].mlp|patch_embed).(lin1|projection)' } }")));
  std::vector<std::string> adapters;
  for (const auto& [name, tensor] : table) {
    if (absl::StartsWith(name, "sam.") && tensor.adapter) {
      adapters.push_back(name);
    }
  }
  const std::string encoder = "sam.vision_encoder.";
  EXPECT_THAT(adapters, UnorderedElementsAre(
                            encoder + "layers.0.mlp.lin1.lora_A.weight",
                            encoder + "layers.0.mlp.lin1.lora_B.weight",
                            encoder + "layers.2.mlp.lin1.lora_A.weight",
                            encoder + "layers.2.mlp.lin1.lora_B.weight",
                            encoder + "patch_embed.projection.lora_A.weight",
                            encoder + "patch_embed.projection.lora_B.weight"));
  EXPECT_THAT(table.at(encoder + "patch_embed.projection.lora_A.weight").shape,
              testing::ElementsAre(3, 3, 8, 8));
  EXPECT_THAT(table.at(encoder + "patch_embed.projection.lora_B.weight").shape,
              testing::ElementsAre(64, 3, 1, 1));
}

TEST(TensorTableTest, AdaptersTrainPrompterDecoderAndPerhapsPromptEncoder) {
  for (const bool encoder : {false, true}) {
    const ModelSpec spec = RsRefSegOf(
        absl::StrCat(kTiny, " sam { tune_prompt_encoder: ", encoder, " }"));
    for (const auto& [name, tensor] : ByName(spec)) {
      const bool expected =
          !tensor.buffer &&
          (tensor.adapter || absl::StartsWith(name, "prompter.") ||
           absl::StartsWith(name, "sam.mask_decoder.") ||
           (encoder && absl::StartsWith(name, "sam.prompt_encoder.")));
      EXPECT_EQ(tensor.trainable, expected) << name;
    }
  }
}

TEST(TensorTableTest, TuningAllTrainsEverythingWithoutAdapters) {
  const ModelSpec spec = RsRefSegOf(absl::StrCat(kTiny, " tuning: ALL"));
  EXPECT_THAT(Adapters(spec), IsEmpty());
  for (const auto& [name, tensor] : ByName(spec)) {
    EXPECT_EQ(tensor.trainable, tensor.used && !tensor.buffer) << name;
  }
}

TEST(TensorTableTest, TheOnlyBuffersAreThePositionalMatrixAndTheStatistics) {
  for (const auto& [name, tensor] : ByName(RsRefSegOf(kTiny))) {
    const bool expected =
        name == "sam.shared_image_embedding.positional_embedding" ||
        absl::StrContains(name, ".bn.running_") ||
        absl::EndsWith(name, ".bn.num_batches_tracked");
    EXPECT_EQ(tensor.buffer, expected) << name;
    EXPECT_EQ(tensor.statistic, absl::StrContains(name, ".bn.") && expected)
        << name;
  }
}

TEST(TensorTableTest, TheDecoderHasItsLayersAndItsIouHead) {
  const std::map<std::string, TensorInfo> table = ByName(RsRefSegOf(
      "sam { decoder_layers: 3 iou_head_size: 48 iou_head_layers: 4 }"));
  const std::string decoder = "sam.mask_decoder.";
  EXPECT_EQ(table.count(decoder + "transformer.layers.2.mlp.lin1.weight"), 1u);
  EXPECT_EQ(table.count(decoder + "transformer.layers.3.mlp.lin1.weight"), 0u);
  const std::string head = decoder + "iou_prediction_head.";
  EXPECT_THAT(table.at(head + "proj_in.weight").shape, ElementsAre(48, 256));
  EXPECT_THAT(table.at(head + "layers.1.weight").shape, ElementsAre(48, 48));
  EXPECT_EQ(table.count(head + "layers.2.weight"), 0u);
  EXPECT_THAT(table.at(head + "proj_out.weight").shape, ElementsAre(4, 48));
  // The masks' own heads stay.
  const std::string mask = decoder + "output_hypernetworks_mlps.3.";
  EXPECT_THAT(table.at(mask + "layers.0.weight").shape, ElementsAre(256, 256));
  EXPECT_EQ(table.count(mask + "layers.1.weight"), 0u);
}

TEST(TensorTableTest, RankZeroLeavesATowerWithoutAdapters) {
  const std::set<std::string> all = AdaptedModules("");
  const std::map<std::string, std::string> towers = {
      {"siglip { vision_lora { rank: 0 } }", "siglip.vision_model."},
      {"siglip { text_lora { rank: 0 } }", "siglip.text_model."},
      {"sam { lora { rank: 0 } }", "sam.vision_encoder."}};
  for (const auto& [spec, prefix] : towers) {
    std::set<std::string> expected;
    for (const std::string& module : all) {
      if (!absl::StartsWith(module, prefix)) expected.insert(module);
    }
    EXPECT_LT(expected.size(), all.size()) << spec;
    EXPECT_EQ(AdaptedModules(spec), expected) << spec;
  }
}

}  // namespace
}  // namespace transect
