#include "model/networks/rsrefseg/spec.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/spec.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Every switch of docs/variants.md that lies in the model.
const char kReleased[] =
    "siglip { text_padding: LONGEST vision_lora { alpha: 16 } "
    "text_lora { alpha: 16 } include_dead_head: true } "
    "sam { lora { alpha: 16 } tune_prompt_encoder: true } "
    "prompter { similarity: COSINE_SCALED local_combine: AVERAGE "
    "global_residual: false add_sam_position: true "
    "concat_order: LOCAL_GLOBAL_IMAGE global_text: POOLER "
    "local_tokens: ALL_POSITIONS }";

TEST(RsRefSegSpecTest, DefaultsAreThePapersWithSo400mAndVitB) {
  const RsRefSegSpec spec = RsRefSegOf("").rsrefseg();
  EXPECT_THAT(
      spec, EqualsProto(R"pb(
        siglip {
          variant: SO400M_PATCH14_384
          vision { hidden_size: 1152 mlp_size: 4304 layers: 27 heads: 16 }
          image_size: 384
          patch_size: 14
          text { hidden_size: 1152 mlp_size: 4304 layers: 27 heads: 16 }
          vocab_size: 32000
          max_positions: 64
          text_tuning: FULL
          vision_lora {
            rank: 16
            alpha: 16
            dropout: 0.1
            targets: [ "k_proj", "v_proj", "q_proj", "out_proj" ]
          }
          text_lora {
            rank: 16
            alpha: 16
            dropout: 0.1
            targets: [ "k_proj", "v_proj", "q_proj", "out_proj", "head" ]
          }
          text_padding: NONE
          include_dead_head: false
        }
        sam {
          variant: VIT_B
          vision { hidden_size: 768 mlp_size: 3072 layers: 12 heads: 12 }
          image_size: 1024
          patch_size: 16
          window_size: 14
          global_attention_layers: [ 2, 5, 8, 11 ]
          prompt_channels: 256
          mask_input_channels: 16
          decoder_mlp_size: 2048
          decoder_heads: 8
          lora {
            rank: 16
            alpha: 16
            dropout: 0.1
            targets: [
              "qkv",
              "proj",
              "lin1",
              "lin2",
              "neck.conv1",
              "neck.conv2"
            ]
          }
          tune_prompt_encoder: false
          decoder_layers: 2
          iou_head_size: 0
          iou_head_layers: 3
        }
        prompter {
          downsampling: 4
          prompts: SPARSE_AND_DENSE
          similarity: DOT
          local_combine: ADD
          global_residual: true
          add_sam_position: false
          concat_order: GLOBAL_LOCAL_IMAGE
          global_text: EOS_HIDDEN
          local_tokens: WORDS
        }
        tuning: ADAPTERS
      )pb"));
}

TEST(RsRefSegSpecTest, EveryVariantHasAPresetThatIsValid) {
  for (int variant = SiglipSpec::TINY; variant <= SiglipSpec::LARGE_PATCH16_384;
       ++variant) {
    ModelSpec spec = ParseSpec("rsrefseg { sam { variant: TINY } }");
    spec.mutable_rsrefseg()->mutable_siglip()->set_variant(
        static_cast<SiglipSpec::Variant>(variant));
    ResolveModelSpec(&spec);
    EXPECT_THAT(ProblemsOf(spec), IsEmpty()) << variant;
  }
  for (int variant = SamSpec::TINY; variant <= SamSpec::VIT_H; ++variant) {
    ModelSpec spec = ParseSpec("rsrefseg { siglip { variant: TINY } }");
    spec.mutable_rsrefseg()->mutable_sam()->set_variant(
        static_cast<SamSpec::Variant>(variant));
    ResolveModelSpec(&spec);
    EXPECT_THAT(ProblemsOf(spec), IsEmpty()) << variant;
  }
}

TEST(RsRefSegSpecTest, ThePresetsWriteEverySwitch) {
  EXPECT_THAT(RsRefSegOf("preset: PAPER"), EqualsProto(RsRefSegOf("")));
  EXPECT_THAT(RsRefSegOf("preset: RELEASED_CODE"),
              EqualsProto(RsRefSegOf(kReleased)));
  EXPECT_THAT(RsRefSegOf("preset: RELEASED_CODE sam { lora { rank: 8 } }")
                  .rsrefseg()
                  .sam()
                  .lora(),
              EqualsProto(RsRefSegOf("sam { lora { rank: 8 alpha: 16 } }")
                              .rsrefseg()
                              .sam()
                              .lora()));
}

TEST(RsRefSegSpecTest, ASwitchThatIsSetWinsOverThePreset) {
  const char kSet[] =
      "prompter { similarity: DOT global_residual: true } siglip { "
      "include_dead_head: false text_lora { alpha: 0 rank: 4 } }";
  EXPECT_THAT(RsRefSegOf(absl::StrCat("preset: RELEASED_CODE ", kSet)),
              EqualsProto(RsRefSegOf(absl::StrCat(kReleased, " ", kSet))));
}

TEST(RsRefSegSpecTest, AVariantNamesBothTowers) {
  EXPECT_THAT(RsRefSegOf("variant: B"), EqualsProto(RsRefSegOf("")));
  EXPECT_THAT(RsRefSegOf("variant: L"),
              EqualsProto(RsRefSegOf("sam { variant: VIT_L }")));
  EXPECT_THAT(RsRefSegOf("variant: TINY sam { variant: VIT_B }"),
              EqualsProto(RsRefSegOf(
                  "siglip { variant: TINY } sam { variant: VIT_B }")));
}

TEST(RsRefSegSpecTest, SizesThatAreSetWinOverThePreset) {
  const RsRefSegSpec spec =
      RsRefSegOf(
          "siglip { variant: TINY text { layers: 5 } vocab_size: 99 } sam { "
          "variant: TINY global_attention_layers: 0 window_size: 4 }")
          .rsrefseg();
  EXPECT_EQ(spec.siglip().text().layers(), 5);
  EXPECT_EQ(spec.siglip().text().hidden_size(), 64);
  EXPECT_EQ(spec.siglip().vocab_size(), 99);
  EXPECT_THAT(spec.sam().global_attention_layers(), ElementsAre(0));
  EXPECT_EQ(spec.sam().window_size(), 4);
}

TEST(RsRefSegSpecTest, AFrozenTextTowerHasNoLora) {
  const ModelSpec plain = RsRefSegOf("siglip { text_tuning: ZERO }");
  EXPECT_FALSE(plain.rsrefseg().siglip().has_text_lora());
  EXPECT_THAT(RsRefSegOf("siglip { text_tuning: ZERO text_lora { rank: 4 } }"),
              EqualsProto(plain));
}

TEST(RsRefSegSpecTest, TuningAllHasNoLoraAndNoDepthOfTuning) {
  const ModelSpec plain = RsRefSegOf("tuning: ALL");
  EXPECT_FALSE(plain.rsrefseg().siglip().has_vision_lora());
  EXPECT_FALSE(plain.rsrefseg().siglip().has_text_lora());
  EXPECT_FALSE(plain.rsrefseg().sam().has_lora());
  EXPECT_THAT(
      RsRefSegOf(
          "tuning: ALL sam { lora { rank: 4 } tune_prompt_encoder: true } "
          "siglip { text_tuning: HALF vision_lora { rank: 2 } }"),
      EqualsProto(plain));
}

TEST(RsRefSegSpecTest, UnspecifiedNamesAreRefused) {
  EXPECT_THAT(ProblemsOf(RsRefSegOf(
                  "preset: PRESET_UNSPECIFIED variant: VARIANT_UNSPECIFIED")),
              ElementsAre("model.rsrefseg.preset: must not be UNSPECIFIED",
                          "model.rsrefseg.variant: must not be UNSPECIFIED"));
}

TEST(RsRefSegSpecTest, LoraUnderTuningAllIsRefused) {
  ModelSpec spec = RsRefSegOf("tuning: ALL");
  *spec.mutable_rsrefseg()->mutable_sam()->mutable_lora() =
      RsRefSegOf("").rsrefseg().sam().lora();
  EXPECT_THAT(
      ProblemsOf(spec),
      ElementsAre(
          "model.rsrefseg.sam.lora: is set, but tuning ALL attaches no LoRA"));
}

TEST(RsRefSegSpecTest, AllProblemsAreReportedAtOnce) {
  EXPECT_THAT(ProblemsOf(RsRefSegOf(
                  "siglip { vision { heads: 5 } } sam { lora { rank: 1025 "
                  "} } prompter { downsampling: 5 }")),
              ElementsAre(HasSubstr("siglip.vision.heads"),
                          HasSubstr("prompter.downsampling"),
                          HasSubstr("sam.lora.rank")));
}

TEST(RsRefSegSpecTest, ATuningThatIsUnspecifiedIsRefused) {
  EXPECT_THAT(ProblemsOf(RsRefSegOf("tuning: UNSPECIFIED")),
              ElementsAre("model.rsrefseg.tuning: must not be UNSPECIFIED"));
}

}  // namespace
}  // namespace transect
