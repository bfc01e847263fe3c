/// \file
/// RSRefSeg without LibTorch: what an `RsRefSegSpec` means, its tensors and its
/// cost. Called by spec.cc, tensor_table.cc and cost.cc of model/.
#ifndef TRANSECT_MODEL_NETWORKS_RSREFSEG_SPEC_H_
#define TRANSECT_MODEL_NETWORKS_RSREFSEG_SPEC_H_

#include <vector>

#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/lora/adapter_towers.h"
#include "model/networks/rsrefseg/rsrefseg.pb.h"

namespace transect {

/// Replaces preset and variant by the switches that they stand for, and writes
/// defaults. To be called before anything else writes defaults, because a
/// switch that is set wins over the preset. Fields that are inert (inert_when)
/// are the caller's to erase.
void ResolveRsRefSeg(RsRefSegSpec* spec);

/// Adds to `check`, whose path is the network's, what is wrong with a resolved
/// spec.
void CheckRsRefSeg(const RsRefSegSpec& spec, const SpecChecker& check);

/// All towers that have adapters.
std::vector<AdapterTower> RsRefSegAdapterTowers(const RsRefSegSpec& spec);

/// The tensor table of a resolved, valid spec (model/tensor_table.h).
std::vector<TensorInfo> RsRefSegTensors(const RsRefSegSpec& spec);

/// Adds the parts of a resolved, valid spec.
void AddRsRefSegCost(const RsRefSegSpec& spec, CostEstimate* estimate);

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_RSREFSEG_SPEC_H_
