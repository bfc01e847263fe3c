#include "model/parts.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cost.h"
#include "model/spec.h"
#include "model/tensor_table.h"
#include "tests/model/testing/specs.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Directories(const ModelSpec& spec) {
  std::vector<std::string> directories;
  for (const AdapterTower& tower : AdapterTowers(spec)) {
    directories.push_back(std::string(tower.directory));
  }
  return directories;
}

TEST(PartsTest, EveryNetworkHasItsTowersAndItsInput) {
  ModelSpec rsrefseg = RsRefSegOf("");
  EXPECT_EQ(SiglipOf(rsrefseg), &rsrefseg.rsrefseg().siglip());
  EXPECT_EQ(SamOf(rsrefseg), &rsrefseg.rsrefseg().sam());
  EXPECT_EQ(InputImageSize(rsrefseg), 1024);
  EXPECT_FALSE(TrainsEverything(rsrefseg) || TrainsNothing(rsrefseg));
  rsrefseg.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  EXPECT_TRUE(TrainsEverything(rsrefseg));

  ModelSpec map = ResolvedSpec("patch_text_map {}");
  EXPECT_EQ(SiglipOf(map), &map.patch_text_map().siglip());
  EXPECT_EQ(SamOf(map), nullptr);
  EXPECT_EQ(InputImageSize(map), 384);
  EXPECT_FALSE(TrainsEverything(map) || TrainsNothing(map));
  map.mutable_patch_text_map()->set_tuning(PatchTextMapSpec::ALL);
  EXPECT_TRUE(TrainsEverything(map));

  ModelSpec oracle = ResolvedSpec("sam_oracle_box {}");
  EXPECT_EQ(SiglipOf(oracle), nullptr);
  EXPECT_EQ(SamOf(oracle), &oracle.sam_oracle_box().sam());
  EXPECT_EQ(InputImageSize(oracle), 1024);
  EXPECT_TRUE(TrainsNothing(oracle));
  oracle.mutable_sam_oracle_box()->set_tuning(SamOracleBoxSpec::ALL);
  EXPECT_TRUE(TrainsEverything(oracle) && !TrainsNothing(oracle));

  // SigLIP as it comes: nothing is left to train.
  const std::string frozen =
      "siglip { vision_lora { rank: 0 } text_tuning: ZERO }";
  EXPECT_TRUE(TrainsNothing(
      ResolvedSpec("patch_text_map { similarity: DOT " + frozen + " }")));
  EXPECT_FALSE(
      TrainsNothing(ResolvedSpec("patch_text_map { " + frozen + " }")));
  EXPECT_FALSE(TrainsNothing(
      ResolvedSpec("rsrefseg { sam { lora { rank: 0 } } " + frozen + " }")));

  EXPECT_EQ(SiglipOf(ModelSpec()), nullptr);
  EXPECT_EQ(SamOf(ModelSpec()), nullptr);
}

TEST(PartsTest, AdapterTowersAreThoseThatTheSpecAdapts) {
  ModelSpec spec = TinySpec();
  EXPECT_THAT(Directories(spec),
              ElementsAre("siglip_vision", "siglip_text", "sam_vision"));
  EXPECT_TRUE(TrainsMoreThanAdapters(spec));
  spec.mutable_rsrefseg()->mutable_siglip()->set_text_tuning(SiglipSpec::ZERO);
  ResolveModelSpec(&spec);
  EXPECT_THAT(Directories(spec), ElementsAre("siglip_vision", "sam_vision"));
  spec.mutable_rsrefseg()->mutable_siglip()->mutable_vision_lora()->set_rank(0);
  ResolveModelSpec(&spec);
  EXPECT_THAT(Directories(spec), ElementsAre("sam_vision"));
  spec.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveModelSpec(&spec);
  EXPECT_THAT(Directories(spec), IsEmpty());
  EXPECT_THAT(Directories(ModelSpec()), IsEmpty());
}

TEST(PartsTest, APartIsAFieldOfTheNetwork) {
  EXPECT_TRUE(HasPart(ResolvedSpec("rsrefseg {}"), "prompter"));
  EXPECT_FALSE(HasPart(ResolvedSpec("rsrefseg {}"), "tuning"));
  EXPECT_FALSE(HasPart(ResolvedSpec("patch_text_map {}"), "sam"));
  EXPECT_FALSE(HasPart(ModelSpec(), "siglip"));
  EXPECT_EQ(NetworkName(ResolvedSpec("sam_oracle_box {}")), "sam_oracle_box");
  EXPECT_EQ(NetworkName(ModelSpec()), "");
}

TEST(PartsTest, MoreThanAdaptersIsTrainedWhereTheTableSaysSo) {
  const auto more = [](const std::string& text) {
    return TrainsMoreThanAdapters(ResolvedSpec(text));
  };
  EXPECT_TRUE(more("patch_text_map {}"));
  EXPECT_TRUE(more("patch_text_map { tuning: ALL }"));
  EXPECT_FALSE(more("patch_text_map { tune_scale: false }"));
  // A dot product has no scale to train.
  EXPECT_FALSE(more("patch_text_map { similarity: DOT }"));
  EXPECT_FALSE(more("sam_oracle_box {}"));
  EXPECT_TRUE(more("sam_oracle_box { tuning: ALL }"));
  // Nothing is listed for sizes that nobody has.
  EXPECT_TRUE(more("rsrefseg { siglip { vision { layers: 2000000000 } } }"));
}

TEST(PartsTest, TheDefaultTuningIsThatOfTheNetwork) {
  EXPECT_EQ(TuningOf(WithDefaultTuning(TinySpec("tuning: ALL"))),
            Tuning::kAdapters);
  EXPECT_EQ(TuningOf(WithDefaultTuning(
                ResolvedSpec("sam_oracle_box { tuning: ALL }"))),
            Tuning::kNothing);
}

TEST(PartsTest, PartsOfOurTensorsAreThoseOfTheCost) {
  const ModelSpec spec = TinySpec();
  std::map<std::string, int64_t> counts;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    // As EstimateCost counts: no running statistics, nothing unused.
    if (!tensor.used || tensor.statistic) continue;
    counts[PartOfTensor(tensor.name)] += NumElements(tensor);
  }
  const ModelCost cost = EstimateCost(spec, CostOptions());
  EXPECT_EQ(counts.size(), cost.parts.size());
  for (const CostPart& part : cost.parts) {
    EXPECT_EQ(counts[part.name], part.parameters) << part.name;
  }
}

TEST(PartsTest, HuggingFaceFilesAndPeftAdaptersHaveParts) {
  const std::map<std::string, std::string> parts = {
      {"vision_model.head.probe", "siglip.vision"},
      {"text_model.head.bias", "siglip.text"},
      {"logit_scale", "siglip.text"},
      {"vision_encoder.pos_embed", "sam.encoder"},
      {"shared_image_embedding.positional_embedding", "sam.prompt_encoder"},
      {"prompt_encoder.no_mask_embed.weight", "sam.prompt_encoder"},
      {"mask_decoder.iou_token.weight", "sam.mask_decoder"},
      {"base_model.model.layers.0.attn.qkv.lora_A.weight", "adapters"},
      {"optimizer.step", "other"},
  };
  for (const auto& [name, part] : parts) {
    EXPECT_EQ(PartOfTensor(name), part) << name;
  }
}

}  // namespace
}  // namespace transect
