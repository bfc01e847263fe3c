#include "model/spec.h"

#include <initializer_list>
#include <vector>

#include "data/io/inert.h"

namespace transect {
namespace {

using Strings = std::initializer_list<const char*>;

constexpr Strings kSamTargets = {"qkv",  "proj",       "lin1",
                                 "lin2", "neck.conv1", "neck.conv2"};
constexpr Strings kSiglipVisionTargets = {"k_proj", "v_proj", "q_proj",
                                          "out_proj"};
constexpr Strings kSiglipTextTargets = {"k_proj", "v_proj", "q_proj",
                                        "out_proj", "head"};

// Published sizes: configuration_siglip.py and the config.json of the named
// checkpoints, configuration_sam.py and convert_sam_to_hf.py of Transformers
// 4.42. The tiny ones are our own.
struct SiglipPreset {
  int image_size, patch_size;
  // Of both towers.
  int hidden_size, mlp_size, heads;
  int vision_layers, text_layers;
  int vocab_size, max_positions;
};

struct SamPreset {
  int image_size, patch_size;
  int hidden_size, mlp_size, layers, heads, window_size;
  std::vector<int> global_attention_layers;
  int prompt_channels, mask_input_channels, decoder_mlp_size, decoder_heads;
};

bool FindPreset(SiglipSpec::Variant variant, SiglipPreset* preset) {
  switch (variant) {
    case SiglipSpec::TINY:
      *preset = {48, 8, 64, 256, 4, 3, 2, 256, 32};
      return true;
    case SiglipSpec::SO400M_PATCH14_384:
      *preset = {384, 14, 1152, 4304, 16, 27, 27, 32000, 64};
      return true;
    case SiglipSpec::BASE_PATCH16_224:
      *preset = {224, 16, 768, 3072, 12, 12, 12, 32000, 64};
      return true;
    case SiglipSpec::BASE_PATCH16_256:
      *preset = {256, 16, 768, 3072, 12, 12, 12, 32000, 64};
      return true;
    case SiglipSpec::BASE_PATCH16_384:
      *preset = {384, 16, 768, 3072, 12, 12, 12, 32000, 64};
      return true;
    case SiglipSpec::BASE_PATCH16_512:
      *preset = {512, 16, 768, 3072, 12, 12, 12, 32000, 64};
      return true;
    case SiglipSpec::LARGE_PATCH16_256:
      *preset = {256, 16, 1024, 4096, 16, 24, 24, 32000, 64};
      return true;
    case SiglipSpec::LARGE_PATCH16_384:
      *preset = {384, 16, 1024, 4096, 16, 24, 24, 32000, 64};
      return true;
    case SiglipSpec::UNSPECIFIED:
      return false;
  }
  return false;
}

bool FindPreset(SamSpec::Variant variant, SamPreset* preset) {
  switch (variant) {
    case SamSpec::TINY:
      // Windows of 3 on a grid of 8, so that padding really happens.
      *preset = {64, 8, 64, 128, 4, 4, 3, {1, 3}, 64, 16, 128, 4};
      return true;
    case SamSpec::VIT_B:
      *preset = {1024,          16,  768, 3072, 12, 12, 14,
                 {2, 5, 8, 11}, 256, 16,  2048, 8};
      return true;
    case SamSpec::VIT_L:
      *preset = {1024, 16, 1024, 4096, 24, 16, 14, {5, 11, 17, 23},
                 256,  16, 2048, 8};
      return true;
    case SamSpec::VIT_H:
      *preset = {1024, 16, 1280, 5120, 32, 16, 14, {7, 15, 23, 31},
                 256,  16, 2048, 8};
      return true;
    case SamSpec::UNSPECIFIED:
      return false;
  }
  return false;
}

void FillTower(TowerSize* tower, int hidden_size, int mlp_size, int layers,
               int heads) {
  if (!tower->has_hidden_size()) tower->set_hidden_size(hidden_size);
  if (!tower->has_mlp_size()) tower->set_mlp_size(mlp_size);
  if (!tower->has_layers()) tower->set_layers(layers);
  if (!tower->has_heads()) tower->set_heads(heads);
}

// What the presets say where they differ (docs/variants.md).
struct Switches {
  double lora_alpha;  // 0: equal to the rank
  bool tune_prompt_encoder, include_dead_head;
  SiglipSpec::Padding text_padding;
  PrompterSpec::Similarity similarity;
  PrompterSpec::LocalCombine local_combine;
  bool global_residual, add_sam_position;
  PrompterSpec::ConcatOrder concat_order;
  PrompterSpec::GlobalText global_text;
  PrompterSpec::LocalTokens local_tokens;
};

bool FindSwitches(RsRefSegSpec::Preset preset, Switches* switches) {
  switch (preset) {
    case RsRefSegSpec::PAPER:
      *switches = {0,
                   false,
                   false,
                   SiglipSpec::NONE,
                   PrompterSpec::DOT,
                   PrompterSpec::ADD,
                   true,
                   false,
                   PrompterSpec::GLOBAL_LOCAL_IMAGE,
                   PrompterSpec::EOS_HIDDEN,
                   PrompterSpec::WORDS};
      return true;
    case RsRefSegSpec::RELEASED_CODE:
      *switches = {16,
                   true,
                   true,
                   SiglipSpec::LONGEST,
                   PrompterSpec::COSINE_SCALED,
                   PrompterSpec::AVERAGE,
                   false,
                   true,
                   PrompterSpec::LOCAL_GLOBAL_IMAGE,
                   PrompterSpec::POOLER,
                   PrompterSpec::ALL_POSITIONS};
      return true;
    case RsRefSegSpec::PRESET_UNSPECIFIED:
      return false;
  }
  return false;
}

// Writes what is not set.
void ApplySwitches(const Switches& switches, RsRefSegSpec* spec) {
  SiglipSpec* siglip = spec->mutable_siglip();
  SamSpec* sam = spec->mutable_sam();
  PrompterSpec* prompter = spec->mutable_prompter();
  for (LoraSpec* lora : {siglip->mutable_vision_lora(),
                         siglip->mutable_text_lora(), sam->mutable_lora()}) {
    if (!lora->has_alpha()) lora->set_alpha(switches.lora_alpha);
  }
  if (!siglip->has_text_padding()) {
    siglip->set_text_padding(switches.text_padding);
  }
  if (!siglip->has_include_dead_head()) {
    siglip->set_include_dead_head(switches.include_dead_head);
  }
  if (!sam->has_tune_prompt_encoder()) {
    sam->set_tune_prompt_encoder(switches.tune_prompt_encoder);
  }
  if (!prompter->has_similarity()) {
    prompter->set_similarity(switches.similarity);
  }
  if (!prompter->has_local_combine()) {
    prompter->set_local_combine(switches.local_combine);
  }
  if (!prompter->has_global_residual()) {
    prompter->set_global_residual(switches.global_residual);
  }
  if (!prompter->has_add_sam_position()) {
    prompter->set_add_sam_position(switches.add_sam_position);
  }
  if (!prompter->has_concat_order()) {
    prompter->set_concat_order(switches.concat_order);
  }
  if (!prompter->has_global_text()) {
    prompter->set_global_text(switches.global_text);
  }
  if (!prompter->has_local_tokens()) {
    prompter->set_local_tokens(switches.local_tokens);
  }
}

struct Towers {
  SiglipSpec::Variant siglip;
  SamSpec::Variant sam;
};

bool FindTowers(RsRefSegSpec::Variant variant, Towers* towers) {
  switch (variant) {
    case RsRefSegSpec::TINY:
      *towers = {SiglipSpec::TINY, SamSpec::TINY};
      return true;
    case RsRefSegSpec::B:
      *towers = {SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_B};
      return true;
    case RsRefSegSpec::L:
      *towers = {SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_L};
      return true;
    case RsRefSegSpec::VARIANT_UNSPECIFIED:
      return false;
  }
  return false;
}

// Names that stand for other fields are replaced by them, so that two specs
// that mean one network are one message. An unknown name stays, for
// ValidateModelSpec.
void ReplaceNames(RsRefSegSpec* spec) {
  Switches switches;
  if (FindSwitches(spec->preset(), &switches)) {
    ApplySwitches(switches, spec);
    spec->clear_preset();
  }
  Towers towers;
  if (FindTowers(spec->variant(), &towers)) {
    if (!spec->siglip().has_variant()) {
      spec->mutable_siglip()->set_variant(towers.siglip);
    }
    if (!spec->sam().has_variant()) {
      spec->mutable_sam()->set_variant(towers.sam);
    }
    spec->clear_variant();
  }
}

// A getter returns the default of an absent field, so `set(get())` writes it.
void ResolveLora(LoraSpec* lora, Strings targets) {
  lora->set_rank(lora->rank());
  if (lora->alpha() == 0) lora->set_alpha(lora->rank());
  lora->set_dropout(lora->dropout());
  if (lora->targets_size() > 0 || lora->has_target_regex()) return;
  for (const char* target : targets) lora->add_targets(target);
}

void ResolveSiglip(SiglipSpec* siglip) {
  siglip->set_variant(siglip->variant());
  siglip->set_text_tuning(siglip->text_tuning());
  siglip->set_text_padding(siglip->text_padding());
  siglip->set_include_dead_head(siglip->include_dead_head());
  ResolveLora(siglip->mutable_vision_lora(), kSiglipVisionTargets);
  ResolveLora(siglip->mutable_text_lora(), kSiglipTextTargets);

  SiglipPreset preset;
  if (!FindPreset(siglip->variant(), &preset)) return;
  FillTower(siglip->mutable_vision(), preset.hidden_size, preset.mlp_size,
            preset.vision_layers, preset.heads);
  FillTower(siglip->mutable_text(), preset.hidden_size, preset.mlp_size,
            preset.text_layers, preset.heads);
  if (!siglip->has_image_size()) siglip->set_image_size(preset.image_size);
  if (!siglip->has_patch_size()) siglip->set_patch_size(preset.patch_size);
  if (!siglip->has_vocab_size()) siglip->set_vocab_size(preset.vocab_size);
  if (!siglip->has_max_positions()) {
    siglip->set_max_positions(preset.max_positions);
  }
}

void ResolveSam(SamSpec* sam) {
  sam->set_variant(sam->variant());
  sam->set_tune_prompt_encoder(sam->tune_prompt_encoder());
  ResolveLora(sam->mutable_lora(), kSamTargets);

  SamPreset preset;
  if (!FindPreset(sam->variant(), &preset)) return;
  FillTower(sam->mutable_vision(), preset.hidden_size, preset.mlp_size,
            preset.layers, preset.heads);
  if (!sam->has_image_size()) sam->set_image_size(preset.image_size);
  if (!sam->has_patch_size()) sam->set_patch_size(preset.patch_size);
  if (!sam->has_window_size()) sam->set_window_size(preset.window_size);
  if (sam->global_attention_layers_size() == 0) {
    for (int layer : preset.global_attention_layers) {
      sam->add_global_attention_layers(layer);
    }
  }
  if (!sam->has_prompt_channels()) {
    sam->set_prompt_channels(preset.prompt_channels);
  }
  if (!sam->has_mask_input_channels()) {
    sam->set_mask_input_channels(preset.mask_input_channels);
  }
  if (!sam->has_decoder_mlp_size()) {
    sam->set_decoder_mlp_size(preset.decoder_mlp_size);
  }
  if (!sam->has_decoder_heads()) sam->set_decoder_heads(preset.decoder_heads);
}

void ResolvePrompter(PrompterSpec* prompter) {
  prompter->set_downsampling(prompter->downsampling());
  prompter->set_prompts(prompter->prompts());
  prompter->set_similarity(prompter->similarity());
  prompter->set_local_combine(prompter->local_combine());
  prompter->set_global_residual(prompter->global_residual());
  prompter->set_add_sam_position(prompter->add_sam_position());
  prompter->set_concat_order(prompter->concat_order());
  prompter->set_global_text(prompter->global_text());
  prompter->set_local_tokens(prompter->local_tokens());
}

void ResolveRsRefSeg(RsRefSegSpec* spec) {
  ReplaceNames(spec);
  spec->set_tuning(spec->tuning());
  ResolveSiglip(spec->mutable_siglip());
  ResolveSam(spec->mutable_sam());
  ResolvePrompter(spec->mutable_prompter());
}

void ResolvePatchTextMap(PatchTextMapSpec* spec) {
  spec->set_tuning(spec->tuning());
  ResolveSiglip(spec->mutable_siglip());
  spec->set_similarity(spec->similarity());
  spec->set_global_text(spec->global_text());
  spec->set_tune_scale(spec->tune_scale());
}

void ResolveSamOracleBox(SamOracleBoxSpec* spec) {
  spec->set_tuning(spec->tuning());
  ResolveSam(spec->mutable_sam());
}

}  // namespace

void ResolveModelSpec(ModelSpec* spec) {
  switch (spec->model_case()) {
    case ModelSpec::kRsrefseg:
      ResolveRsRefSeg(spec->mutable_rsrefseg());
      break;
    case ModelSpec::kPatchTextMap:
      ResolvePatchTextMap(spec->mutable_patch_text_map());
      break;
    case ModelSpec::kSamOracleBox:
      ResolveSamOracleBox(spec->mutable_sam_oracle_box());
      break;
    case ModelSpec::MODEL_NOT_SET:
      return;
  }
  // Without adapters nothing reaches the head.
  if (spec->rsrefseg().tuning() == RsRefSegSpec::ALL) {
    spec->mutable_rsrefseg()->mutable_siglip()->clear_include_dead_head();
  }
  if (spec->patch_text_map().tuning() == RsRefSegSpec::ALL) {
    spec->mutable_patch_text_map()->mutable_siglip()->clear_include_dead_head();
  }
  EraseInert(spec);
}

}  // namespace transect
