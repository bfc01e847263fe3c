#include "model/tensor_table.h"

#include "model/networks/patch_text_map/spec.h"
#include "model/networks/rsrefseg/spec.h"
#include "model/networks/sam_oracle_box/spec.h"

namespace transect {

std::vector<TensorInfo> TensorTable(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      return RsRefSegTensors(spec.rsrefseg());
    case ModelSpec::kPatchTextMap:
      return PatchTextMapTensors(spec.patch_text_map());
    case ModelSpec::kSamOracleBox:
      return SamOracleBoxTensors(spec.sam_oracle_box());
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return {};
}

}  // namespace transect
