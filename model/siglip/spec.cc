#include "model/siglip/spec.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/defaults.h"
#include "model/base/tower_size.h"

namespace transect {
namespace {

// Published sizes: configuration_siglip.py and the config.json of the named
// checkpoints, Transformers 4.42. The tiny ones are our own.
struct SiglipPreset {
  int image_size, patch_size;
  // Of both towers.
  int hidden_size, mlp_size, heads;
  int vision_layers, text_layers;
  int vocab_size, max_positions;
};

std::optional<SiglipPreset> FindPreset(SiglipSpec::Variant variant) {
  switch (variant) {
    case SiglipSpec::TINY:
      return {{48, 8, 64, 256, 4, 3, 2, 256, 32}};
    case SiglipSpec::SO400M_PATCH14_384:
      return {{384, 14, 1152, 4304, 16, 27, 27, 32000, 64}};
    case SiglipSpec::BASE_PATCH16_224:
      return {{224, 16, 768, 3072, 12, 12, 12, 32000, 64}};
    case SiglipSpec::BASE_PATCH16_256:
      return {{256, 16, 768, 3072, 12, 12, 12, 32000, 64}};
    case SiglipSpec::BASE_PATCH16_384:
      return {{384, 16, 768, 3072, 12, 12, 12, 32000, 64}};
    case SiglipSpec::BASE_PATCH16_512:
      return {{512, 16, 768, 3072, 12, 12, 12, 32000, 64}};
    case SiglipSpec::LARGE_PATCH16_256:
      return {{256, 16, 1024, 4096, 16, 24, 24, 32000, 64}};
    case SiglipSpec::LARGE_PATCH16_384:
      return {{384, 16, 1024, 4096, 16, 24, 24, 32000, 64}};
    case SiglipSpec::UNSPECIFIED:
      break;
  }
  return std::nullopt;
}

}  // namespace

void ResolveSiglip(SiglipSpec* siglip) {
  WriteDefaults(siglip);
  ResolveLora(siglip->mutable_vision_lora(),
              {"k_proj", "v_proj", "q_proj", "out_proj"});
  ResolveLora(siglip->mutable_text_lora(),
              {"k_proj", "v_proj", "q_proj", "out_proj", "head"});
  // One form for one tower.
  if (siglip->text_lora().rank() == 0 &&
      siglip->text_tuning() != SiglipSpec::TEXT_TUNING_UNSPECIFIED) {
    siglip->set_text_tuning(SiglipSpec::ZERO);
  }
  const auto preset = FindPreset(siglip->variant());
  if (!preset.has_value()) return;
  // What is set wins over the preset.
  SiglipSpec filled;
  FillTower(filled.mutable_vision(), preset->hidden_size, preset->mlp_size,
            preset->vision_layers, preset->heads);
  FillTower(filled.mutable_text(), preset->hidden_size, preset->mlp_size,
            preset->text_layers, preset->heads);
  filled.set_image_size(preset->image_size);
  filled.set_patch_size(preset->patch_size);
  filled.set_vocab_size(preset->vocab_size);
  filled.set_max_positions(preset->max_positions);
  filled.MergeFrom(*siglip);
  *siglip = std::move(filled);
}

void CheckSiglip(const SiglipSpec& siglip, const SpecChecker& check) {
  check.Chosen("variant", siglip.variant());
  check.Chosen("text_tuning", siglip.text_tuning());
  check.Chosen("text_padding", siglip.text_padding());
  const bool vision = CheckTower(siglip.vision(), check.Below("vision"));
  const bool text = CheckTower(siglip.text(), check.Below("text"));
  if (vision && text &&
      siglip.text().hidden_size() != siglip.vision().hidden_size()) {
    check.Add("text.hidden_size",
              absl::StrCat("is ", siglip.text().hidden_size(),
                           ", must be vision.hidden_size ",
                           siglip.vision().hidden_size(),
                           ": words and patches are compared"));
  }
  CheckGrid(siglip.image_size(), siglip.patch_size(), check);
  check.Range("vocab_size", siglip.vocab_size(), 2, 1 << 20);
  check.Range("max_positions", siglip.max_positions(), 2, 4096);
}

std::vector<AdapterTower> SiglipAdapterTowers(const SiglipSpec& siglip) {
  std::vector<AdapterTower> towers;
  if (siglip.has_vision_lora() && siglip.vision_lora().rank() != 0) {
    towers.push_back({"siglip.vision_lora", "siglip.vision_model.",
                      "siglip_vision", "SiglipModel", "vision_model.",
                      &siglip.vision_lora()});
  }
  if (siglip.has_text_lora() && siglip.text_lora().rank() != 0 &&
      siglip.text_tuning() != SiglipSpec::ZERO) {
    towers.push_back({"siglip.text_lora", "siglip.text_model.", "siglip_text",
                      "SiglipModel", "text_model.", &siglip.text_lora(),
                      FirstAdaptedTextLayer(siglip)});
  }
  return towers;
}

int64_t SiglipGrid(const SiglipSpec& siglip) {
  return siglip.image_size() / siglip.patch_size();
}

int64_t FirstAdaptedTextLayer(const SiglipSpec& siglip) {
  const int64_t layers = siglip.text().layers();
  switch (siglip.text_tuning()) {
    case SiglipSpec::FULL:
      return 0;
    case SiglipSpec::HALF:
      return layers - layers / 2;
    default:
      return layers;
  }
}

absl::string_view SiglipPartOf(absl::string_view name) {
  if (absl::StartsWith(name, "vision_model.")) return "siglip.vision";
  if (absl::StartsWith(name, "text_model.") ||
      absl::StartsWith(name, "logit_")) {
    return "siglip.text";
  }
  return "";
}

}  // namespace transect
