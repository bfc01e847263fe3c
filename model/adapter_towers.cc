#include "model/adapter_towers.h"

namespace transect {

std::vector<AdapterTower> AdapterTowers(const ModelSpec& spec) {
  std::vector<AdapterTower> towers;
  const auto add_siglip = [&towers](const SiglipSpec& siglip) {
    if (siglip.has_vision_lora()) {
      towers.push_back({AdapterTower::SIGLIP_VISION, "siglip.vision_model.",
                        "siglip_vision", "SiglipModel", "vision_model.",
                        &siglip.vision_lora()});
    }
    if (siglip.has_text_lora()) {
      towers.push_back({AdapterTower::SIGLIP_TEXT, "siglip.text_model.",
                        "siglip_text", "SiglipModel", "text_model.",
                        &siglip.text_lora()});
    }
  };
  const auto add_sam = [&towers](const SamSpec& sam) {
    if (sam.has_lora()) {
      towers.push_back({AdapterTower::SAM_VISION, "sam.vision_encoder.",
                        "sam_vision", "SamModel", "vision_encoder.",
                        &sam.lora()});
    }
  };
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      add_siglip(spec.rsrefseg().siglip());
      add_sam(spec.rsrefseg().sam());
      break;
    case ModelSpec::kPatchTextMap:
      add_siglip(spec.patch_text_map().siglip());
      break;
    case ModelSpec::kSamOracleBox:
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return towers;
}

bool TrainsMoreThanAdapters(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      // SAM's mask decoder at least.
      return true;
    case ModelSpec::kPatchTextMap:
      return spec.patch_text_map().tune_scale();
    case ModelSpec::kSamOracleBox:
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return false;
}

}  // namespace transect
