#include "model/cost.h"

#include <string>
#include <vector>

#include "model/networks/patch_text_map/spec.h"
#include "model/networks/rsrefseg/spec.h"
#include "model/networks/sam_oracle_box/spec.h"
#include "model/parts.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

// A network's own tensors are a part by their first word.
std::string CostPartOf(const TensorInfo& tensor) {
  const std::string part = PartOfTensor(tensor.name);
  return part == "other" ? tensor.name.substr(0, tensor.name.find('.')) : part;
}

}  // namespace

ModelCost EstimateCost(const ModelSpec& spec, const CostOptions& options) {
  const std::vector<TensorInfo> table = TensorTable(spec);
  CostEstimate estimate(options, table, TuningOf(spec));
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      AddRsRefSegCost(spec.rsrefseg(), &estimate);
      break;
    case ModelSpec::kPatchTextMap:
      AddPatchTextMapCost(spec.patch_text_map(), &estimate);
      break;
    case ModelSpec::kSamOracleBox:
      AddSamOracleBoxCost(spec.sam_oracle_box(), &estimate);
      break;
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return estimate.Finish(CostPartOf);
}

}  // namespace transect
