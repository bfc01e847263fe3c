/// \file
/// What a model costs, by closed forms: parameters, floating-point operations
/// and activation memory. No LibTorch, no allocation of the model. What is
/// counted: model/base/cost_estimate.h.
#ifndef TRANSECT_MODEL_COST_H_
#define TRANSECT_MODEL_COST_H_

#include "model/base/cost_estimate.h"
#include "model/model.pb.h"

namespace transect {

/// Costs of a resolved, valid spec.
ModelCost EstimateCost(const ModelSpec& spec, const CostOptions& options);

}  // namespace transect

#endif  // TRANSECT_MODEL_COST_H_
