#include "model/base/segmentation_model.h"

#include <torch/torch.h>

namespace transect {

ModelOutput OracleModel::Forward(const ModelInput&) {
  TORCH_CHECK_VALUE(false,
                    "this network is prompted with the truth, and none is "
                    "given");
}

}  // namespace transect
