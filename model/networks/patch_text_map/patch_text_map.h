/// \file
/// The patch-text map: SigLIP without SAM.
///
/// input: `ModelInput`; output: `ModelOutput` whose mask logits are the
/// similarity of every patch to the sentence. Loss and prediction up-sample
/// them, as they do with any network's logits, so a mask is as sharp as
/// SigLIP's grid. It is what RSRefSeg's prompter starts from (equation 4 of the
/// paper), and so the floor that SAM has to be better than.
#ifndef TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_PATCH_TEXT_MAP_H_
#define TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_PATCH_TEXT_MAP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/init.h"
#include "model/base/segmentation_model.h"
#include "model/lora/dropout.h"
#include "model/networks/patch_text_map/patch_text_map.pb.h"
#include "model/siglip/siglip.h"

namespace transect {

/// Child siglip.
class PatchTextMap : public SegmentationModel {
 public:
  /// The network with its adapters and `requires_grad` flags, its parameters
  /// not yet drawn.
  ///
  /// \param spec resolved. \param seed key of dropout.
  /// \param options see `BuildModel`.
  /// \returns INTERNAL if the modules and the tensor table disagree.
  static absl::StatusOr<std::shared_ptr<PatchTextMap>> Compose(
      const PatchTextMapSpec& spec, uint64_t seed, const BuildOptions& options);

  /// For DrawInitialWeights.
  static std::vector<InitRules> Rules();

  /// Mask and activation logits are the same tensor, [B, 1, g, g], g the side
  /// of SigLIP's grid. Where the patch does not divide the image, the last
  /// pixels of a row are in no patch and the map is stretched over them, as
  /// RSRefSeg stretches its dense prompt.
  ModelOutput Forward(const ModelInput& input) override;

 private:
  PatchTextMap(const PatchTextMapSpec& spec, uint64_t seed,
               const BuildOptions& options);

  const PatchTextMapSpec spec_;
  const at::ScalarType compute_;
  const std::shared_ptr<DropoutKey> dropout_key_;
  Siglip siglip_{nullptr};
};

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_PATCH_TEXT_MAP_H_
