#include "model/spec.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/inert.h"
#include "google/protobuf/descriptor.h"
#include "model/base/spec_checker.h"
#include "model/networks/patch_text_map/spec.h"
#include "model/networks/rsrefseg/spec.h"
#include "model/networks/sam_oracle_box/spec.h"

namespace transect {

void ResolveModelSpec(ModelSpec* spec) {
  switch (spec->model_case()) {
    case ModelSpec::kRsrefseg:
      ResolveRsRefSeg(spec->mutable_rsrefseg());
      break;
    case ModelSpec::kPatchTextMap:
      ResolvePatchTextMap(spec->mutable_patch_text_map());
      break;
    case ModelSpec::kSamOracleBox:
      ResolveSamOracleBox(spec->mutable_sam_oracle_box());
      break;
    case ModelSpec::MODEL_NOT_SET:
      return;
  }
  EraseInert(spec);
}

void ValidateModelSpec(const ModelSpec& spec, absl::string_view path,
                       Problems* problems) {
  const auto below = [&](absl::string_view network) {
    return SpecChecker(absl::StrCat(path, ".", network), problems);
  };
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      return CheckRsRefSeg(spec.rsrefseg(), below("rsrefseg"));
    case ModelSpec::kPatchTextMap:
      return CheckPatchTextMap(spec.patch_text_map(), below("patch_text_map"));
    case ModelSpec::kSamOracleBox:
      return CheckSamOracleBox(spec.sam_oracle_box(), below("sam_oracle_box"));
    case ModelSpec::MODEL_NOT_SET:
      problems->Add(path,
                    absl::StrCat("names no network: set ", NetworkNames()));
      return;
  }
}

std::string NetworkNames() {
  std::vector<std::string> names;
  const auto* networks = ModelSpec::descriptor()->FindOneofByName("model");
  for (int i = 0; i < networks->field_count(); ++i) {
    names.push_back(networks->field(i)->name());
  }
  const std::string last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " or ", last);
}

}  // namespace transect
