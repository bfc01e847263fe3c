/// \file
/// The patch-text map without LibTorch: what a `PatchTextMapSpec` means, its
/// tensors and its cost. Called by spec.cc, tensor_table.cc and cost.cc of
/// model/.
#ifndef TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_SPEC_H_
#define TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_SPEC_H_

#include <vector>

#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/networks/patch_text_map/patch_text_map.pb.h"

namespace transect {

/// Writes presets and defaults. Fields that are inert (inert_when) are the
/// caller's to erase.
void ResolvePatchTextMap(PatchTextMapSpec* spec);

/// Adds to `check`, whose path is the network's, what is wrong with a resolved
/// spec.
void CheckPatchTextMap(const PatchTextMapSpec& spec, const SpecChecker& check);

/// The tensor table of a resolved, valid spec (model/tensor_table.h).
std::vector<TensorInfo> PatchTextMapTensors(const PatchTextMapSpec& spec);

/// Adds the parts of a resolved, valid spec.
void AddPatchTextMapCost(const PatchTextMapSpec& spec, CostEstimate* estimate);

}  // namespace transect

#endif  // TRANSECT_MODEL_NETWORKS_PATCH_TEXT_MAP_SPEC_H_
