/// \file
/// Which parts of `FoundAdapters` a network can take.
#ifndef TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_
#define TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_

#include <vector>

#include "experiments/experiment.pb.h"

namespace transect {

/// The parts that a network of the resolved spec trains, in the order of the
/// enum; none where every parameter is trained, because then there is nothing
/// to lay over, and none where nothing is.
std::vector<FoundAdapters::Part> TrainedParts(const ModelSpec& model);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_TRAINED_PARTS_H_
