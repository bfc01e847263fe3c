#include "model/build_model.h"

#include <torch/torch.h>

#include "absl/strings/str_cat.h"
#include "model/base/init.h"
#include "model/base/torch_status.h"
#include "model/networks/patch_text_map/patch_text_map.h"
#include "model/networks/rsrefseg/rsrefseg.h"
#include "model/networks/sam_oracle_box/sam_oracle_box.h"
#include "model/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Built = absl::StatusOr<std::shared_ptr<SegmentationModel>>;

template <typename Network, typename Spec>
Built Build(const Spec& spec, uint64_t seed, const BuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<Network> model,
                            Network::Compose(spec, seed, options));
  DrawInitialWeights(*model, Network::Rules(), seed);
  return model;
}

}  // namespace

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  return TorchToStatus("building the model", [&]() -> Built {
    switch (spec.model_case()) {
      case ModelSpec::kRsrefseg:
        return Build<RsRefSeg>(spec.rsrefseg(), seed, options);
      case ModelSpec::kPatchTextMap:
        return Build<PatchTextMap>(spec.patch_text_map(), seed, options);
      case ModelSpec::kSamOracleBox:
        return Build<SamOracleBox>(spec.sam_oracle_box(), seed, options);
      case ModelSpec::MODEL_NOT_SET:
        break;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("model: no network is set; set ", NetworkNames()));
  });
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, ShardSum* shards) {
  BuildOptions options;
  options.shards = shards;
  return BuildModel(spec, seed, options);
}

}  // namespace transect
