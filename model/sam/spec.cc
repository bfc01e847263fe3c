#include "model/sam/spec.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/tower_size.h"

namespace transect {
namespace {

// Published sizes: configuration_sam.py and convert_sam_to_hf.py of
// Transformers 4.42. The tiny ones are our own.
struct SamPreset {
  int image_size, patch_size;
  int hidden_size, mlp_size, layers, heads, window_size;
  std::vector<int> global_attention_layers;
  int prompt_channels, mask_input_channels, decoder_mlp_size, decoder_heads;
};

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

void CheckGlobalLayers(const SamSpec& sam, const SpecChecker& check) {
  int64_t previous = -1;
  for (int i = 0; i < sam.global_attention_layers_size(); ++i) {
    const int64_t layer = sam.global_attention_layers(i);
    const std::string field = absl::StrCat("global_attention_layers[", i, "]");
    if (!check.Range(field, layer, 0, sam.vision().layers() - 1)) return;
    if (layer <= previous) {
      check.Add(field, absl::StrCat("is ", layer, " after ", previous,
                                    ", must ascend without repeats"));
      return;
    }
    previous = layer;
  }
}

}  // namespace

void ResolveSam(SamSpec* sam) {
  sam->set_variant(sam->variant());
  sam->set_tune_prompt_encoder(sam->tune_prompt_encoder());
  ResolveLora(sam->mutable_lora(),
              {"qkv", "proj", "lin1", "lin2", "neck.conv1", "neck.conv2"});

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

void CheckSam(const SamSpec& sam, const SpecChecker& check) {
  check.Chosen("variant", sam.variant());
  if (CheckTower(sam.vision(), check.Below("vision"))) {
    CheckGlobalLayers(sam, check);
  }
  if (CheckGrid(sam.image_size(), sam.patch_size(), check)) {
    check.Divides("patch_size", sam.patch_size(), sam.image_size(),
                  "image_size");
  }
  check.Range("window_size", sam.window_size(), 1, 256);
  // Sines and cosines halve the channels, up-scaling divides them by 8, and
  // cross attention works on half of them.
  if (check.Multiple("prompt_channels", sam.prompt_channels(), 8, 4096) &&
      check.Range("decoder_heads", sam.decoder_heads(), 1, 256)) {
    check.Divides("decoder_heads", sam.decoder_heads(),
                  sam.prompt_channels() / 2, "half of prompt_channels");
  }
  check.Multiple("mask_input_channels", sam.mask_input_channels(), 4, 1024);
  check.Range("decoder_mlp_size", sam.decoder_mlp_size(), 1, 65536);
}

std::vector<AdapterTower> SamAdapterTowers(const SamSpec& sam) {
  if (!sam.has_lora()) return {};
  return {{"sam.lora", "sam.vision_encoder.", "sam_vision", "SamModel",
           "vision_encoder.", &sam.lora()}};
}

int64_t SamGrid(const SamSpec& sam) {
  return sam.image_size() / sam.patch_size();
}

int64_t MaskSide(const SamSpec& sam) { return 4 * SamGrid(sam); }

int64_t PaddedGrid(const SamSpec& sam) {
  const int64_t window = sam.window_size();
  return (SamGrid(sam) + window - 1) / window * window;
}

bool IsGlobalLayer(const SamSpec& sam, int64_t layer) {
  const auto& global = sam.global_attention_layers();
  return std::find(global.begin(), global.end(), layer) != global.end();
}

absl::string_view SamPartOf(absl::string_view name) {
  if (absl::StartsWith(name, "vision_encoder.")) return "sam.encoder";
  if (absl::StartsWith(name, "mask_decoder.")) return "sam.mask_decoder";
  if (absl::StartsWith(name, "prompt_encoder.") ||
      absl::StartsWith(name, "shared_image_embedding.")) {
    return "sam.prompt_encoder";
  }
  return "";
}

}  // namespace transect
