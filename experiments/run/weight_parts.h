/// \file
/// The parts of a network whose weights a run may take from elsewhere. A value
/// of `WeightsSpec.Part` is, in upper case, a part of model/parts.h: a field of
/// the network's message and the first word of its tensors' names.
#ifndef TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_
#define TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_

#include <string>
#include <vector>

#include "experiments/experiment.pb.h"
#include "model/base/tensors.h"
#include "model/model.pb.h"

namespace transect {

/// Parts that the network of `model` is made of, ascending; all parts where no
/// network is set.
std::vector<WeightsSpec::Part> PartsOf(const ModelSpec& model);

/// The part that a tensor belongs to; UNSPECIFIED for adapters and for tensors
/// whose weights come from nowhere else.
WeightsSpec::Part PartOf(const TensorInfo& tensor);

/// Start of the names of the part's tensors, "siglip.".
std::string TensorPrefix(WeightsSpec::Part part);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_
