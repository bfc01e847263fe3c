#include "model/build_model.h"

#include <torch/torch.h>

#include "model/base/torch_status.h"
#include "model/patch_text_map/patch_text_map.h"
#include "model/rsrefseg/initial_weights.h"
#include "model/rsrefseg/rsrefseg.h"
#include "model/sam_oracle_box/sam_oracle_box.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildRsRefSeg(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<RsRefSeg> model,
                            RsRefSeg::Compose(spec, seed, options));
  DrawInitialWeights(*model, seed);
  return model;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildPatchTextMap(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<PatchTextMap> model,
                            PatchTextMap::Compose(spec, seed, options));
  DrawInitialWeights(*model, seed);
  return model;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildSamOracleBox(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<SamOracleBox> model,
                            SamOracleBox::Compose(spec, options));
  DrawInitialWeights(*model, seed);
  return model;
}

}  // namespace

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  return TorchToStatus("building the model", [&] {
    switch (spec.model_case()) {
      case ModelSpec::kRsrefseg:
        return BuildRsRefSeg(spec, seed, options);
      case ModelSpec::kPatchTextMap:
        return BuildPatchTextMap(spec, seed, options);
      case ModelSpec::kSamOracleBox:
        return BuildSamOracleBox(spec, seed, options);
      case ModelSpec::MODEL_NOT_SET:
        break;
    }
    return absl::StatusOr<std::shared_ptr<SegmentationModel>>(
        absl::InvalidArgumentError(
            "model: no network is set (rsrefseg, patch_text_map, "
            "sam_oracle_box)"));
  });
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, CrossRankSum* ranks) {
  BuildOptions options;
  options.ranks = ranks;
  return BuildModel(spec, seed, options);
}

}  // namespace transect
