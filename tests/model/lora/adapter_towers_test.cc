#include "model/lora/adapter_towers.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/parts.h"
#include "model/spec.h"
#include "model/tensor_table.h"
#include "tests/model/testing/specs.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(AdapterTowersTest, AlphaZeroBecomesTheRankAndOtherAlphasStay) {
  const RsRefSegSpec spec = RsRefSegOf(
                                "sam { lora { rank: 8 } } siglip { vision_lora "
                                "{ rank: 32 alpha: 16 } }")
                                .rsrefseg();
  EXPECT_EQ(spec.sam().lora().alpha(), 8);
  EXPECT_EQ(spec.siglip().vision_lora().alpha(), 16);
  EXPECT_EQ(spec.siglip().text_lora().alpha(), 16);
}

TEST(AdapterTowersTest, OfRankZeroNothingElseIsLeft) {
  const RsRefSegSpec spec =
      RsRefSegOf(
          "preset: RELEASED_CODE sam { lora { rank: 0 targets: 'qkv' } } "
          "siglip "
          "{ vision_lora { rank: 0 dropout: 7 target_regex: '(' } text_lora { "
          "rank: 0 } }")
          .rsrefseg();
  for (const LoraSpec* lora :
       {&spec.sam().lora(), &spec.siglip().vision_lora()}) {
    EXPECT_EQ(lora->ShortDebugString(), "rank: 0");
  }
  // The text tower has a field of its own that says so.
  EXPECT_EQ(spec.siglip().text_tuning(), SiglipSpec::ZERO);
  EXPECT_FALSE(spec.siglip().has_text_lora());
  ModelSpec model;
  *model.mutable_rsrefseg() = spec;
  EXPECT_THAT(AdapterTowers(model), IsEmpty());
  EXPECT_THAT(ProblemsOf(model), IsEmpty());
  ModelSpec again = model;
  ResolveModelSpec(&again);
  EXPECT_EQ(again.DebugString(), model.DebugString());
}

TEST(AdapterTowersTest, TargetsThatAreSetStay) {
  EXPECT_THAT(RsRefSegOf("sam { lora { targets: \"qkv\" } }")
                  .rsrefseg()
                  .sam()
                  .lora()
                  .targets(),
              ElementsAre("qkv"));
}

TEST(AdapterTowersTest, ARegularExpressionMustBeOneAndMatch) {
  EXPECT_THAT(ProblemsOf(RsRefSegOf(
                  "sam { lora { target_regex: 'layers\\\\.[0-3]\\\\.attn"
                  "\\\\.(qkv|proj)' } }")),
              IsEmpty());
  EXPECT_THAT(
      ProblemsOf(RsRefSegOf("sam { lora { target_regex: 'layers(' } }")),
      ElementsAre(
          HasSubstr("model.rsrefseg.sam.lora.target_regex: is "
                    "\"layers(\", which is not a regular expression: ")));
  EXPECT_THAT(
      ProblemsOf(RsRefSegOf("siglip { text_lora { target_regex: 'q_proj' } }")),
      ElementsAre(HasSubstr(
          "siglip.text_lora.target_regex: is \"q_proj\", which matches "
          "the whole name of no linear or convolution layer of "
          "siglip.text_model")));
  EXPECT_THAT(ProblemsOf(RsRefSegOf(
                  "sam { lora { target_regex: '.*proj' targets: 'qkv' } }")),
              ElementsAre(HasSubstr("is set beside targets")));
}

// One rule broken at a time; the message names value and range.
TEST(AdapterTowersTest, EveryRuleNamesItsField) {
  const struct {
    std::string spec;
    std::string problem;
  } cases[] = {
      {"siglip { vision_lora { rank: -1 alpha: 1 } }",
       "siglip.vision_lora.rank: is -1, must be 0 to 1024"},
      {"siglip { text_lora { rank: 1025 } }",
       "siglip.text_lora.rank: is 1025, must be 0 to 1024"},
      {"sam { lora { dropout: 1 } }",
       "sam.lora.dropout: is 1, must be 0 to below 1"},
      {"sam { lora { dropout: nan } }",
       "sam.lora.dropout: is nan, must be 0 to below 1"},
      {"sam { lora { alpha: -1 } }",
       "sam.lora.alpha: is -1, must be finite and at least 0"},
      {"sam { lora { alpha: inf } }",
       "sam.lora.alpha: is inf, must be finite and at least 0"},
      {"sam { lora { targets: \"\" } }",
       "sam.lora.targets[0]: is empty, must name a module"},
      {"sam { lora { targets: [\"qkv\", \"kqv\"] } }",
       "sam.lora.targets[1]: is \"kqv\", which names no linear or convolution "
       "layer of sam.vision_encoder"},
      {"siglip { text_tuning: HALF text_lora { targets: "
       "\"layers.0.self_attn.q_proj\" } }",
       "siglip.text_lora.targets[0]: is \"layers.0.self_attn.q_proj\", which "
       "names no linear or convolution layer of siglip.text_model"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ProblemsOf(RsRefSegOf(c.spec)),
                ElementsAre("model.rsrefseg." + c.problem))
        << c.spec;
  }
}

TEST(AdapterTowersTest, HaveEveryAdapterOfTheTensorTable) {
  const ModelSpec spec = TinySpec();
  const std::vector<AdapterTower> towers = AdapterTowers(spec);
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (!tensor.adapter) continue;
    int owners = 0;
    for (const AdapterTower& tower : towers) {
      owners += absl::StartsWith(tensor.name, tower.prefix) ? 1 : 0;
    }
    EXPECT_EQ(owners, 1) << tensor.name;
  }
}

}  // namespace
}  // namespace transect
