/// \file
/// RSRefSeg: SigLIP, AttnPrompter and SAM put together.
///
/// input: `ModelInput`; output: `ModelOutput` with SAM's mask logits and the
/// prompter's activation. RSRefSeg paper, section II.
#ifndef TRANSECT_MODEL_NETWORKS_RSREFSEG_RSREFSEG_H_
#define TRANSECT_MODEL_NETWORKS_RSREFSEG_RSREFSEG_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/attn_prompter/attn_prompter.h"
#include "model/base/init.h"
#include "model/base/segmentation_model.h"
#include "model/lora/dropout.h"
#include "model/networks/rsrefseg/rsrefseg.pb.h"
#include "model/sam/sam.h"
#include "model/siglip/siglip.h"

namespace transect {

/// Children siglip, sam, prompter.
class RsRefSeg : public SegmentationModel {
 public:
  /// The network with its adapters and `requires_grad` flags, its parameters
  /// not yet drawn.
  ///
  /// \param spec resolved. \param seed key of dropout.
  /// \param options see `BuildModel`.
  /// \returns INTERNAL if the modules and the tensor table disagree.
  static absl::StatusOr<std::shared_ptr<RsRefSeg>> Compose(
      const RsRefSegSpec& spec, uint64_t seed, const BuildOptions& options);

  /// For DrawInitialWeights.
  static std::vector<InitRules> Rules();

  ModelOutput Forward(const ModelInput& input) override;

  /// SigLIP's towers.
  Features Encode(const ModelInput& input) override;
  /// AttnPrompter, whose norms need all shards.
  std::vector<Features> Join(const std::vector<Features>& encoded,
                             JointTape* tape) override;
  /// SAM.
  ModelOutput Decode(const ModelInput& input, const Features& joined) override;

 private:
  RsRefSeg(const RsRefSegSpec& spec, uint64_t seed,
           const BuildOptions& options);

  /// Sets the key of dropout.
  void Begin(const ModelInput& input);

  PrompterInput ToPrompter(const Features& encoded);

  const RsRefSegSpec spec_;
  const at::ScalarType compute_;
  const std::shared_ptr<DropoutKey> dropout_key_;
  Siglip siglip_{nullptr};
  Sam sam_{nullptr};
  AttnPrompter prompter_{nullptr};
};

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_RSREFSEG_RSREFSEG_H_
