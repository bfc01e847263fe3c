#include "model/spec.h"

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "model/model.pb.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A field that stands in `rsrefseg` twice is merged.
ModelSpec Parse(const std::string& rsrefseg) {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(
      absl::StrCat("rsrefseg {", rsrefseg, "}"), &spec));
  return spec;
}

ModelSpec Resolved(const std::string& rsrefseg) {
  ModelSpec spec = Parse(rsrefseg);
  ResolveModelSpec(&spec);
  return spec;
}

// "field: message" of each problem.
std::vector<std::string> ProblemsOf(const ModelSpec& spec) {
  Problems problems;
  ValidateModelSpec(spec, "model", &problems);
  std::vector<std::string> texts;
  for (const Problem& problem : problems.all()) {
    texts.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return texts;
}

std::vector<std::string> ProblemsOf(const std::string& rsrefseg) {
  return ProblemsOf(Resolved(rsrefseg));
}

// Paths of fields that are not set in `message` or below it.
void FindAbsent(const Message& message, const std::string& path,
                std::vector<std::string>* absent) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const std::string name = absl::StrCat(path, ".", field->name());
    if (field->is_repeated()) {
      if (reflection->FieldSize(message, field) == 0) absent->push_back(name);
    } else if (!reflection->HasField(message, field)) {
      absent->push_back(name);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FindAbsent(reflection->GetMessage(message, field), name, absent);
    }
  }
}

TEST(ResolveModelSpecTest, EveryFieldIsWritten) {
  std::vector<std::string> absent;
  FindAbsent(Resolved("").rsrefseg(), "model.rsrefseg", &absent);
  // Names that stand for other fields, and what stands instead of targets.
  EXPECT_THAT(absent,
              ElementsAre("model.rsrefseg.siglip.vision_lora.target_regex",
                          "model.rsrefseg.siglip.text_lora.target_regex",
                          "model.rsrefseg.sam.lora.target_regex",
                          "model.rsrefseg.preset", "model.rsrefseg.variant"));
  absent.clear();
  ModelSpec map;
  map.mutable_patch_text_map();
  ResolveModelSpec(&map);
  FindAbsent(map.patch_text_map(), "model.patch_text_map", &absent);
  EXPECT_THAT(
      absent,
      ElementsAre("model.patch_text_map.siglip.vision_lora.target_regex",
                  "model.patch_text_map.siglip.text_lora.target_regex"));
}

TEST(ResolveModelSpecTest, DefaultsAreThePapersWithSo400mAndVitB) {
  const RsRefSegSpec spec = Resolved("").rsrefseg();
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

TEST(ResolveModelSpecTest, EveryVariantHasAPresetThatIsValid) {
  for (int variant = SiglipSpec::TINY; variant <= SiglipSpec::LARGE_PATCH16_384;
       ++variant) {
    ModelSpec spec = Parse("sam { variant: TINY }");
    spec.mutable_rsrefseg()->mutable_siglip()->set_variant(
        static_cast<SiglipSpec::Variant>(variant));
    ResolveModelSpec(&spec);
    EXPECT_THAT(ProblemsOf(spec), IsEmpty()) << variant;
  }
  for (int variant = SamSpec::TINY; variant <= SamSpec::VIT_H; ++variant) {
    ModelSpec spec = Parse("siglip { variant: TINY }");
    spec.mutable_rsrefseg()->mutable_sam()->set_variant(
        static_cast<SamSpec::Variant>(variant));
    ResolveModelSpec(&spec);
    EXPECT_THAT(ProblemsOf(spec), IsEmpty()) << variant;
  }
}

TEST(ResolveModelSpecTest, AVariantOfEachNameHasItsImageAndPatch) {
  for (const auto& [variant, image, patch] :
       std::vector<std::tuple<std::string, int, int>>{
           {"TINY", 48, 8},
           {"SO400M_PATCH14_384", 384, 14},
           {"BASE_PATCH16_224", 224, 16},
           {"BASE_PATCH16_256", 256, 16},
           {"BASE_PATCH16_384", 384, 16},
           {"BASE_PATCH16_512", 512, 16},
           {"LARGE_PATCH16_256", 256, 16},
           {"LARGE_PATCH16_384", 384, 16}}) {
    const SiglipSpec siglip =
        Resolved(absl::StrCat("siglip { variant: ", variant, " }"))
            .rsrefseg()
            .siglip();
    EXPECT_EQ(siglip.image_size(), image) << variant;
    EXPECT_EQ(siglip.patch_size(), patch) << variant;
  }
}

// Every switch of docs/variants.md that lies in the model.
const char kReleased[] =
    "siglip { text_padding: LONGEST vision_lora { alpha: 16 } "
    "text_lora { alpha: 16 } include_dead_head: true } "
    "sam { lora { alpha: 16 } tune_prompt_encoder: true } "
    "prompter { similarity: COSINE_SCALED local_combine: AVERAGE "
    "global_residual: false add_sam_position: true "
    "concat_order: LOCAL_GLOBAL_IMAGE global_text: POOLER "
    "local_tokens: ALL_POSITIONS }";

TEST(ResolveModelSpecTest, ThePresetsWriteEverySwitch) {
  EXPECT_THAT(Resolved("preset: PAPER"), EqualsProto(Resolved("")));
  EXPECT_THAT(Resolved("preset: RELEASED_CODE"),
              EqualsProto(Resolved(kReleased)));
  EXPECT_THAT(Resolved("preset: RELEASED_CODE sam { lora { rank: 8 } }")
                  .rsrefseg()
                  .sam()
                  .lora(),
              EqualsProto(Resolved("sam { lora { rank: 8 alpha: 16 } }")
                              .rsrefseg()
                              .sam()
                              .lora()));
}

TEST(ResolveModelSpecTest, ASwitchThatIsSetWinsOverThePreset) {
  const char kSet[] =
      "prompter { similarity: DOT global_residual: true } siglip { "
      "include_dead_head: false text_lora { alpha: 0 rank: 4 } }";
  EXPECT_THAT(Resolved(absl::StrCat("preset: RELEASED_CODE ", kSet)),
              EqualsProto(Resolved(absl::StrCat(kReleased, " ", kSet))));
}

TEST(ResolveModelSpecTest, AVariantNamesBothTowers) {
  EXPECT_THAT(Resolved("variant: B"), EqualsProto(Resolved("")));
  EXPECT_THAT(Resolved("variant: L"),
              EqualsProto(Resolved("sam { variant: VIT_L }")));
  EXPECT_THAT(
      Resolved("variant: TINY sam { variant: VIT_B }"),
      EqualsProto(Resolved("siglip { variant: TINY } sam { variant: VIT_B }")));
}

TEST(ValidateModelSpecTest, UnspecifiedNamesAreRefused) {
  EXPECT_THAT(
      ProblemsOf("preset: PRESET_UNSPECIFIED variant: VARIANT_UNSPECIFIED"),
      ElementsAre("model.rsrefseg.preset: must not be UNSPECIFIED",
                  "model.rsrefseg.variant: must not be UNSPECIFIED"));
}

TEST(ValidateModelSpecTest, ARegularExpressionMustBeOneAndMatch) {
  EXPECT_THAT(ProblemsOf("sam { lora { target_regex: 'layers\\\\.[0-3]\\\\.attn"
                         "\\\\.(qkv|proj)' } }"),
              IsEmpty());
  EXPECT_THAT(
      ProblemsOf("sam { lora { target_regex: 'layers(' } }"),
      ElementsAre(HasSubstr("model.rsrefseg.sam.lora.target_regex: is "
                            "\"layers(\", which is no regular expression: ")));
  EXPECT_THAT(ProblemsOf("siglip { text_lora { target_regex: 'q_proj' } }"),
              ElementsAre(HasSubstr(
                  "siglip.text_lora.target_regex: is \"q_proj\", which matches "
                  "the whole name of no linear or convolution layer of "
                  "siglip.text_model")));
  EXPECT_THAT(
      ProblemsOf("sam { lora { target_regex: '.*proj' targets: 'qkv' } }"),
      ElementsAre(HasSubstr("is set beside targets")));
}

TEST(ResolveModelSpecTest, SizesThatAreSetWinOverThePreset) {
  const RsRefSegSpec spec =
      Resolved(
          "siglip { variant: TINY text { layers: 5 } vocab_size: 99 } sam { "
          "variant: TINY global_attention_layers: 0 window_size: 4 }")
          .rsrefseg();
  EXPECT_EQ(spec.siglip().text().layers(), 5);
  EXPECT_EQ(spec.siglip().text().hidden_size(), 64);
  EXPECT_EQ(spec.siglip().vocab_size(), 99);
  EXPECT_THAT(spec.sam().global_attention_layers(), ElementsAre(0));
  EXPECT_EQ(spec.sam().window_size(), 4);
}

TEST(ResolveModelSpecTest, AlphaZeroBecomesTheRankAndOtherAlphasStay) {
  const RsRefSegSpec spec = Resolved(
                                "sam { lora { rank: 8 } } siglip { vision_lora "
                                "{ rank: 32 alpha: 16 } }")
                                .rsrefseg();
  EXPECT_EQ(spec.sam().lora().alpha(), 8);
  EXPECT_EQ(spec.siglip().vision_lora().alpha(), 16);
  EXPECT_EQ(spec.siglip().text_lora().alpha(), 16);
}

TEST(ResolveModelSpecTest, TargetsThatAreSetStay) {
  EXPECT_THAT(Resolved("sam { lora { targets: \"qkv\" } }")
                  .rsrefseg()
                  .sam()
                  .lora()
                  .targets(),
              ElementsAre("qkv"));
}

TEST(ResolveModelSpecTest, AFrozenTextTowerHasNoLora) {
  const ModelSpec plain = Resolved("siglip { text_tuning: ZERO }");
  EXPECT_FALSE(plain.rsrefseg().siglip().has_text_lora());
  EXPECT_THAT(Resolved("siglip { text_tuning: ZERO text_lora { rank: 4 } }"),
              EqualsProto(plain));
}

TEST(ResolveModelSpecTest, TuningAllHasNoLoraAndNoDepthOfTuning) {
  const ModelSpec plain = Resolved("tuning: ALL");
  EXPECT_FALSE(plain.rsrefseg().siglip().has_vision_lora());
  EXPECT_FALSE(plain.rsrefseg().siglip().has_text_lora());
  EXPECT_FALSE(plain.rsrefseg().sam().has_lora());
  EXPECT_THAT(
      Resolved("tuning: ALL sam { lora { rank: 4 } tune_prompt_encoder: true } "
               "siglip { text_tuning: HALF vision_lora { rank: 2 } }"),
      EqualsProto(plain));
}

TEST(ResolveModelSpecTest, WithoutSparsePromptsTheirFieldsAreErased) {
  EXPECT_THAT(
      Resolved(
          "prompter { prompts: DENSE downsampling: 8 local_combine: AVERAGE "
          "global_residual: false add_sam_position: true concat_order: "
          "LOCAL_GLOBAL_IMAGE local_tokens: ALL_POSITIONS }"),
      EqualsProto(Resolved("prompter { prompts: DENSE }")));
}

TEST(ResolveModelSpecTest, ASecondCallChangesNothing) {
  for (const char* text :
       {"", "tuning: ALL", "preset: RELEASED_CODE variant: TINY",
        "preset: RELEASED_CODE tuning: ALL",
        "siglip { text_tuning: ZERO variant: TINY }",
        "prompter { prompts: DENSE } sam { variant: VIT_H }"}) {
    const ModelSpec once = Resolved(text);
    ModelSpec twice = once;
    ResolveModelSpec(&twice);
    EXPECT_THAT(twice, EqualsProto(once)) << text;
    EXPECT_THAT(ProblemsOf(once), IsEmpty()) << text;
  }
}

TEST(ValidateModelSpecTest, ASpecWithoutANetworkIsRefused) {
  ModelSpec spec;
  ResolveModelSpec(&spec);
  EXPECT_THAT(ProblemsOf(spec),
              ElementsAre(HasSubstr("model: names no network: set rsrefseg")));
}

TEST(ValidateModelSpecTest, AnUnresolvedSpecIsRefusedWithoutACrash) {
  EXPECT_THAT(ProblemsOf(Parse("")), Not(IsEmpty()));
}

// One rule broken at a time; the message names value and range.
TEST(ValidateModelSpecTest, EveryRuleNamesItsField) {
  const std::string m = "model.rsrefseg.";
  const struct {
    std::string spec;
    std::string problem;
  } cases[] = {
      {"tuning: UNSPECIFIED", "tuning: must not be UNSPECIFIED"},
      {"siglip { text_tuning: TEXT_TUNING_UNSPECIFIED }",
       "siglip.text_tuning: must not be UNSPECIFIED"},
      {"siglip { text_padding: PADDING_UNSPECIFIED }",
       "siglip.text_padding: must not be UNSPECIFIED"},
      {"siglip { vision { layers: 0 } }",
       "siglip.vision.layers: is 0, must be 1 to 256"},
      {"siglip { text { mlp_size: -3 } }",
       "siglip.text.mlp_size: is -3, must be 1 to 65536"},
      {"siglip { vision { heads: 5 } }",
       "siglip.vision.heads: is 5, must divide hidden_size 1152"},
      {"siglip { text { hidden_size: 64 } }",
       "siglip.text.hidden_size: is 64, must be vision.hidden_size 1152: words "
       "and patches are compared"},
      {"siglip { image_size: 0 }",
       "siglip.image_size: is 0, must be 1 to 8192"},
      {"siglip { patch_size: 385 }",
       "siglip.patch_size: is 385, must be 1 to 384"},
      {"siglip { patch_size: 1 }",
       "siglip.patch_size: is 1, which gives a grid of 384 for 384 pixels; at "
       "most 256 are allowed"},
      {"siglip { vocab_size: 1 }",
       "siglip.vocab_size: is 1, must be 2 to 1048576"},
      {"siglip { max_positions: 1 }",
       "siglip.max_positions: is 1, must be 2 to 4096"},
      {"siglip { vision_lora { rank: 0 } }",
       "siglip.vision_lora.rank: is 0, must be 1 to 1024"},
      {"siglip { text_lora { rank: 1025 } }",
       "siglip.text_lora.rank: is 1025, must be 1 to 1024"},
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
      {"sam { patch_size: 15 }",
       "sam.patch_size: is 15, must divide image_size 1024"},
      {"sam { window_size: 0 }", "sam.window_size: is 0, must be 1 to 256"},
      {"sam { global_attention_layers: 12 }",
       "sam.global_attention_layers[0]: is 12, must be 0 to 11"},
      {"sam { global_attention_layers: [3, 3] }",
       "sam.global_attention_layers[1]: is 3 after 3, must ascend without "
       "repeats"},
      {"sam { prompt_channels: 100 decoder_heads: 5 }",
       "sam.prompt_channels: is 100, must be a multiple of 8"},
      {"sam { prompt_channels: 4 }",
       "sam.prompt_channels: is 4, must be 8 to 4096"},
      {"sam { decoder_heads: 3 }",
       "sam.decoder_heads: is 3, must divide half of prompt_channels 128"},
      {"sam { mask_input_channels: 6 }",
       "sam.mask_input_channels: is 6, must be a multiple of 4"},
      {"sam { decoder_mlp_size: 0 }",
       "sam.decoder_mlp_size: is 0, must be 1 to 65536"},
      {"prompter { downsampling: 3 }",
       "prompter.downsampling: is 3, must be 2, 4 or 8"},
      {"prompter { prompts: UNSPECIFIED }",
       "prompter.prompts: must not be UNSPECIFIED"},
      {"prompter { similarity: SIMILARITY_UNSPECIFIED }",
       "prompter.similarity: must not be UNSPECIFIED"},
      {"prompter { local_combine: LOCAL_COMBINE_UNSPECIFIED }",
       "prompter.local_combine: must not be UNSPECIFIED"},
      {"prompter { concat_order: CONCAT_ORDER_UNSPECIFIED }",
       "prompter.concat_order: must not be UNSPECIFIED"},
      {"prompter { global_text: GLOBAL_TEXT_UNSPECIFIED }",
       "prompter.global_text: must not be UNSPECIFIED"},
      {"prompter { local_tokens: LOCAL_TOKENS_UNSPECIFIED }",
       "prompter.local_tokens: must not be UNSPECIFIED"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ProblemsOf(c.spec), ElementsAre(m + c.problem)) << c.spec;
  }
}

TEST(ValidateModelSpecTest, AVariantThatIsUnspecifiedIsRefused) {
  EXPECT_THAT(ProblemsOf("siglip { variant: UNSPECIFIED }"),
              testing::Contains(
                  "model.rsrefseg.siglip.variant: must not be UNSPECIFIED"));
  EXPECT_THAT(
      ProblemsOf("sam { variant: UNSPECIFIED }"),
      testing::Contains("model.rsrefseg.sam.variant: must not be UNSPECIFIED"));
}

TEST(ValidateModelSpecTest, LoraUnderTuningAllIsRefused) {
  ModelSpec spec = Resolved("tuning: ALL");
  *spec.mutable_rsrefseg()->mutable_sam()->mutable_lora() =
      Resolved("").rsrefseg().sam().lora();
  EXPECT_THAT(
      ProblemsOf(spec),
      ElementsAre(
          "model.rsrefseg.sam.lora: is set, but tuning ALL attaches no LoRA"));
}

TEST(ValidateModelSpecTest, AllProblemsAreReportedAtOnce) {
  EXPECT_THAT(ProblemsOf("siglip { vision { heads: 5 } } sam { lora { rank: 0 "
                         "} } prompter { downsampling: 5 }"),
              ElementsAre(HasSubstr("siglip.vision.heads"),
                          HasSubstr("prompter.downsampling"),
                          HasSubstr("sam.lora.rank")));
}

ModelSpec ResolvedText(const std::string& text) {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec));
  ResolveModelSpec(&spec);
  return spec;
}

TEST(PatchTextMapSpecTest, ResolvesToWhatItIsMadeOf) {
  const ModelSpec spec = ResolvedText("patch_text_map {}");
  const PatchTextMapSpec& map = spec.patch_text_map();
  EXPECT_EQ(map.siglip().image_size(), 384);
  EXPECT_EQ(map.tuning(), RsRefSegSpec::ADAPTERS);
  EXPECT_TRUE(map.has_similarity() && map.has_global_text());
  EXPECT_TRUE(map.has_tune_scale() && map.tune_scale());
  EXPECT_EQ(map.siglip().text_lora().targets_size(), 5);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  ModelSpec again = spec;
  ResolveModelSpec(&again);
  EXPECT_THAT(again, EqualsProto(spec));
}

TEST(PatchTextMapSpecTest, InertFieldsAreErased) {
  for (const char* text :
       {"patch_text_map { tuning: ALL }", "patch_text_map { similarity: DOT }",
        "patch_text_map { similarity: DOT tune_scale: false }"}) {
    EXPECT_FALSE(ResolvedText(text).patch_text_map().has_tune_scale()) << text;
  }
  EXPECT_FALSE(ResolvedText("patch_text_map { tuning: ALL }")
                   .patch_text_map()
                   .siglip()
                   .has_vision_lora());
}

TEST(PatchTextMapSpecTest, ProblemsNameTheField) {
  EXPECT_THAT(
      ProblemsOf(ResolvedText("patch_text_map { siglip { patch_size: 0 "
                              "text_lora { rank: 0 } } }")),
      ElementsAre(HasSubstr("model.patch_text_map.siglip.patch_size"),
                  HasSubstr("model.patch_text_map.siglip.text_lora.rank")));
}

TEST(SamOracleBoxSpecTest, ResolvesWithoutAdapters) {
  const ModelSpec spec = ResolvedText(
      "sam_oracle_box { sam { lora { rank: 4 } tune_prompt_encoder: true } }");
  const SamOracleBoxSpec& oracle = spec.sam_oracle_box();
  EXPECT_EQ(oracle.tuning(), SamOracleBoxSpec::NONE);
  EXPECT_EQ(oracle.sam().image_size(), 1024);
  EXPECT_FALSE(oracle.sam().has_lora());
  EXPECT_FALSE(oracle.sam().has_tune_prompt_encoder());
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  EXPECT_THAT(ProblemsOf(ResolvedText("sam_oracle_box { sam { image_size: 100 "
                                      "} }")),
              ElementsAre(HasSubstr("model.sam_oracle_box.sam.patch_size")));
}

}  // namespace
}  // namespace transect
