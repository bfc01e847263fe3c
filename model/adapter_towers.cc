#include "model/adapter_towers.h"

#include "model/geometry.h"

namespace transect {

std::vector<AdapterTower> AdapterTowers(const ModelSpec& spec) {
  std::vector<AdapterTower> towers;
  const SiglipSpec* const siglip = SiglipOf(spec);
  if (siglip != nullptr && siglip->has_vision_lora()) {
    towers.push_back({AdapterTower::SIGLIP_VISION, "siglip.vision_model.",
                      "siglip_vision", "SiglipModel", "vision_model.",
                      &siglip->vision_lora()});
  }
  if (siglip != nullptr && siglip->has_text_lora()) {
    towers.push_back({AdapterTower::SIGLIP_TEXT, "siglip.text_model.",
                      "siglip_text", "SiglipModel", "text_model.",
                      &siglip->text_lora()});
  }
  const SamSpec* const sam = SamOf(spec);
  if (sam != nullptr && sam->has_lora()) {
    towers.push_back({AdapterTower::SAM_VISION, "sam.vision_encoder.",
                      "sam_vision", "SamModel", "vision_encoder.",
                      &sam->lora()});
  }
  return towers;
}

bool TrainsMoreThanAdapters(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      // SAM's mask decoder at least.
      return true;
    case ModelSpec::kPatchTextMap:
      return TrainsEverything(spec) || spec.patch_text_map().tune_scale();
    case ModelSpec::kSamOracleBox:
      return TrainsEverything(spec);
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return false;
}

}  // namespace transect
