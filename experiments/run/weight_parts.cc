#include "experiments/run/weight_parts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/parts.h"

namespace transect {
namespace {

std::vector<WeightsSpec::Part> AllParts() {
  std::vector<WeightsSpec::Part> parts;
  const auto& values = *WeightsSpec::Part_descriptor();
  for (int i = 0; i < values.value_count(); ++i) {
    const int number = values.value(i)->number();
    if (number != 0) parts.push_back(static_cast<WeightsSpec::Part>(number));
  }
  return parts;
}

}  // namespace

std::vector<WeightsSpec::Part> PartsOf(const ModelSpec& model) {
  std::vector<WeightsSpec::Part> parts;
  for (const WeightsSpec::Part part : AllParts()) {
    const std::string prefix = TensorPrefix(part);
    if (model.model_case() == ModelSpec::MODEL_NOT_SET ||
        HasPart(model, absl::StripSuffix(prefix, "."))) {
      parts.push_back(part);
    }
  }
  return parts;
}

WeightsSpec::Part PartOf(const TensorInfo& tensor) {
  if (tensor.adapter) return WeightsSpec::UNSPECIFIED;
  for (const WeightsSpec::Part part : AllParts()) {
    if (absl::StartsWith(tensor.name, TensorPrefix(part))) return part;
  }
  return WeightsSpec::UNSPECIFIED;
}

std::string TensorPrefix(WeightsSpec::Part part) {
  return absl::StrCat(absl::AsciiStrToLower(WeightsSpec::Part_Name(part)), ".");
}

}  // namespace transect
