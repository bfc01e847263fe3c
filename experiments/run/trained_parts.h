/// \file
/// Which parts of `FoundAdapters` a network can take.
#ifndef TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_
#define TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_

#include <vector>

#include "experiments/experiment.pb.h"

namespace transect {

/// The parts that a network of the resolved spec trains, in the order of the
/// enum; none where it has no adapters, because then every parameter is trained
/// and there is nothing to lay over.
std::vector<FoundAdapters::Part> TrainedParts(const ModelSpec& model);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_
