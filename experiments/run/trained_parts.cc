#include "experiments/run/trained_parts.h"

#include <string>

#include "absl/strings/ascii.h"
#include "model/parts.h"

namespace transect {

std::vector<FoundAdapters::Part> TrainedParts(const ModelSpec& model) {
  std::vector<FoundAdapters::Part> parts;
  for (const AdapterTower& tower : AdapterTowers(model)) {
    FoundAdapters::Part part;
    if (FoundAdapters::Part_Parse(absl::AsciiStrToUpper(tower.directory),
                                  &part)) {
      parts.push_back(part);
    }
  }
  if (!NetworkName(model).empty() && !TrainsEverything(model) &&
      !TrainsNothing(model) && TrainsMoreThanAdapters(model)) {
    parts.push_back(FoundAdapters::REST);
  }
  return parts;
}

}  // namespace transect
