/// \file
/// RSRefSeg: SigLIP, AttnPrompter and SAM put together.
///
/// input: `ModelInput`; output: `ModelOutput` with SAM's mask logits and the
/// prompter's activation. RSRefSeg paper, section II.
#ifndef TRANSECT_MODEL_RSREFSEG_RSREFSEG_H_
#define TRANSECT_MODEL_RSREFSEG_RSREFSEG_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "model/attn_prompter/attn_prompter.h"
#include "model/lora/dropout.h"
#include "model/model.pb.h"
#include "model/sam/sam.h"
#include "model/segmentation_model.h"
#include "model/siglip/siglip.h"

namespace transect {

/// Children siglip, sam, prompter.
class RsRefSeg : public SegmentationModel {
 public:
  /// The network with its adapters and `requires_grad` flags, its parameters
  /// not yet drawn (model/rsrefseg/initial_weights.h).
  ///
  /// \param spec resolved, with `rsrefseg` set.
  /// \param seed key of dropout. \param options see `BuildModel`.
  /// \returns INTERNAL if the modules and the tensor table disagree.
  static absl::StatusOr<std::shared_ptr<RsRefSeg>> Compose(
      const ModelSpec& spec, uint64_t seed, const BuildOptions& options);

  ModelOutput Forward(const ModelInput& input) override;

 private:
  RsRefSeg(const RsRefSegSpec& spec, uint64_t seed,
           const BuildOptions& options);

  absl::Status AttachAllAdapters(const ModelSpec& spec);
  Prompts MakePrompts(const ModelInput& input);

  const RsRefSegSpec spec_;
  const at::ScalarType compute_;
  const std::shared_ptr<DropoutKey> dropout_key_;
  Siglip siglip_{nullptr};
  Sam sam_{nullptr};
  AttnPrompter prompter_{nullptr};
};

}  // namespace transect

#endif  // TRANSECT_MODEL_RSREFSEG_RSREFSEG_H_
