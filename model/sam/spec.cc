#include "model/sam/spec.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/defaults.h"
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

// The published sizes differ in the image encoder only.
SamPreset Published(int hidden_size, int mlp_size, int layers, int heads,
                    std::vector<int> global_attention_layers) {
  return {1024,   16,    hidden_size, mlp_size,
          layers, heads, 14,          std::move(global_attention_layers),
          256,    16,    2048,        8};
}

std::optional<SamPreset> FindPreset(SamSpec::Variant variant) {
  switch (variant) {
    case SamSpec::TINY:
      // Windows of 3 on a grid of 8, so that padding really happens.
      return SamPreset{64, 8, 64, 128, 4, 4, 3, {1, 3}, 64, 16, 128, 4};
    case SamSpec::VIT_B:
      return Published(768, 3072, 12, 12, {2, 5, 8, 11});
    case SamSpec::VIT_L:
      return Published(1024, 4096, 24, 16, {5, 11, 17, 23});
    case SamSpec::VIT_H:
      return Published(1280, 5120, 32, 16, {7, 15, 23, 31});
    case SamSpec::UNSPECIFIED:
      break;
  }
  return std::nullopt;
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
  WriteDefaults(sam);
  ResolveLora(sam->mutable_lora(),
              {"qkv", "proj", "lin1", "lin2", "neck.conv1", "neck.conv2"});
  const auto preset = FindPreset(sam->variant());
  if (!preset.has_value()) return;
  // What is set wins over the preset; of a list, the whole list.
  SamSpec filled;
  FillTower(filled.mutable_vision(), preset->hidden_size, preset->mlp_size,
            preset->layers, preset->heads);
  filled.set_image_size(preset->image_size);
  filled.set_patch_size(preset->patch_size);
  filled.set_window_size(preset->window_size);
  if (sam->global_attention_layers().empty()) {
    filled.mutable_global_attention_layers()->Add(
        preset->global_attention_layers.begin(),
        preset->global_attention_layers.end());
  }
  filled.set_prompt_channels(preset->prompt_channels);
  filled.set_mask_input_channels(preset->mask_input_channels);
  filled.set_decoder_mlp_size(preset->decoder_mlp_size);
  filled.set_decoder_heads(preset->decoder_heads);
  filled.MergeFrom(*sam);
  *sam = std::move(filled);
  // One form for one head.
  if (sam->iou_head_size() == sam->prompt_channels()) {
    sam->set_iou_head_size(0);
  }
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
  check.Range("decoder_layers", sam.decoder_layers(), 1, 64);
  check.Range("iou_head_size", sam.iou_head_size(), 0, 4096);
  check.Range("iou_head_layers", sam.iou_head_layers(), 2, 16);
}

std::vector<AdapterTower> SamAdapterTowers(const SamSpec& sam) {
  if (!sam.has_lora() || sam.lora().rank() == 0) return {};
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

int64_t IouHeadSize(const SamSpec& sam) {
  return sam.iou_head_size() == 0 ? sam.prompt_channels() : sam.iou_head_size();
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
