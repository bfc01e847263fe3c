#include "model/base/segmentation_model.h"

#include <torch/torch.h>

#include <vector>

namespace transect {

Features SegmentationModel::Encode(const ModelInput&) { return {}; }

std::vector<Features> SegmentationModel::Join(
    const std::vector<Features>& encoded, JointTape*) {
  return encoded;
}

ModelOutput SegmentationModel::Decode(const ModelInput& input,
                                      const Features&) {
  return Forward(input);
}

ModelOutput OracleModel::Forward(const ModelInput&) {
  TORCH_CHECK_VALUE(false,
                    "this network is prompted with the truth, and none is "
                    "given");
}

}  // namespace transect
