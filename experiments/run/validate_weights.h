/// \file
/// What is wrong with the initial weights of one run.
#ifndef TRANSECT_EXPERIMENTS_RUN_VALIDATE_WEIGHTS_H_
#define TRANSECT_EXPERIMENTS_RUN_VALIDATE_WEIGHTS_H_

#include <string>

#include "data/io/problems.h"
#include "experiments/experiment.pb.h"
#include "model/model.pb.h"

namespace transect {

/// Adds what is wrong with `weights` of the resolved run: no source, parts that
/// the model does not have, roles and parts that disagree, adapters that it
/// does not train. `field` is the path of `weights`. What is wrong with a run
/// that trains the weights is RunValidator's.
void ValidateWeights(const RunSpec& run, const std::string& field,
                     bool model_is_valid, Problems* problems);

/// Adds a problem at `field` unless every tensor that the model `needs` takes
/// from the parts in `weights` is in the model `has`, with the same shape. Both
/// models are valid.
void ValidateTakenTensors(const ModelSpec& needs, const ModelSpec& has,
                          const WeightsSpec& weights, const std::string& field,
                          Problems* problems);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_VALIDATE_WEIGHTS_H_
