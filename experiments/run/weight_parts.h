/// \file
/// The parts of a network whose weights a run may take from elsewhere.
#ifndef TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_
#define TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_

#include <vector>

#include "experiments/experiment.pb.h"
#include "model/model.pb.h"

namespace transect {

/// Parts that the network of `model` is made of, ascending; all parts where no
/// network is set.
std::vector<WeightsSpec::Part> PartsOf(const ModelSpec& model);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_WEIGHT_PARTS_H_
