#include "experiments/run/weight_parts.h"

namespace transect {

std::vector<WeightsSpec::Part> PartsOf(const ModelSpec& model) {
  switch (model.model_case()) {
    case ModelSpec::kPatchTextMap:
      return {WeightsSpec::SIGLIP};
    case ModelSpec::kSamOracleBox:
      return {WeightsSpec::SAM};
    case ModelSpec::kRsrefseg:
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return {WeightsSpec::SIGLIP, WeightsSpec::SAM, WeightsSpec::PROMPTER};
}

}  // namespace transect
