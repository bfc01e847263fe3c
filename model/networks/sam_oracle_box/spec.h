/// \file
/// SAM with oracle boxes without LibTorch: what a `SamOracleBoxSpec` means, its
/// tensors and its cost. Called by spec.cc, tensor_table.cc and cost.cc of
/// model/.
#ifndef TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SPEC_H_
#define TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SPEC_H_

#include <vector>

#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/networks/sam_oracle_box/sam_oracle_box.pb.h"

namespace transect {

/// Writes presets and defaults. Fields that are inert (inert_when) are the
/// caller's to erase.
void ResolveSamOracleBox(SamOracleBoxSpec* spec);

/// Adds to `check`, whose path is the network's, what is wrong with a resolved
/// spec.
void CheckSamOracleBox(const SamOracleBoxSpec& spec, const SpecChecker& check);

/// The tensor table of a resolved, valid spec (model/tensor_table.h).
std::vector<TensorInfo> SamOracleBoxTensors(const SamOracleBoxSpec& spec);

/// Adds the parts of a resolved, valid spec.
void AddSamOracleBoxCost(const SamOracleBoxSpec& spec, CostEstimate* estimate);

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_SAM_ORACLE_BOX_SPEC_H_
