/// \file
/// SAM with oracle boxes: the true box is the prompt, no sentence is read.
///
/// input: images and `GroundTruth`; output: SAM's mask logits. It answers
/// "given where the object is, how well can SAM draw it?", and so is the
/// ceiling of every model that has to find the place from the sentence.
#ifndef TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SAM_ORACLE_BOX_H_
#define TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SAM_ORACLE_BOX_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/init.h"
#include "model/base/segmentation_model.h"
#include "model/networks/sam_oracle_box/sam_oracle_box.pb.h"
#include "model/sam/sam.h"

namespace transect {

/// Child sam.
class SamOracleBox : public OracleModel {
 public:
  /// The network with its `requires_grad` flags, its parameters not yet drawn.
  ///
  /// \param spec resolved. \param seed not used.
  /// \param options see `BuildModel`.
  /// \returns INTERNAL if the modules and the tensor table disagree.
  static absl::StatusOr<std::shared_ptr<SamOracleBox>> Compose(
      const SamOracleBoxSpec& spec, uint64_t seed, const BuildOptions& options);

  /// For DrawInitialWeights.
  static std::vector<InitRules> Rules();

  /// Of `input` only the images are read. Mask 0 of SAM's decoder, prompted by
  /// the box alone (`multimask_output=false`); there is no activation map.
  ModelOutput ForwardWithTruth(const ModelInput& input,
                               const GroundTruth& truth) override;

 private:
  SamOracleBox(const SamOracleBoxSpec& spec, const BuildOptions& options);

  const SamOracleBoxSpec spec_;
  const at::ScalarType compute_;
  Sam sam_{nullptr};
};

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SAM_ORACLE_BOX_H_
