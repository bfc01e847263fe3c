#include "experiments/run/trained_parts.h"

#include "model/adapter_towers.h"

namespace transect {

std::vector<FoundAdapters::Part> TrainedParts(const ModelSpec& model) {
  std::vector<FoundAdapters::Part> parts;
  for (const AdapterTower& tower : AdapterTowers(model)) {
    switch (tower.kind) {
      case AdapterTower::SIGLIP_VISION:
        parts.push_back(FoundAdapters::SIGLIP_VISION);
        break;
      case AdapterTower::SIGLIP_TEXT:
        parts.push_back(FoundAdapters::SIGLIP_TEXT);
        break;
      case AdapterTower::SAM_VISION:
        parts.push_back(FoundAdapters::SAM_VISION);
        break;
    }
  }
  if (!parts.empty() && TrainsMoreThanAdapters(model)) {
    parts.push_back(FoundAdapters::REST);
  }
  return parts;
}

}  // namespace transect
