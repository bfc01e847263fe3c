/// \file
/// SigLIP without LibTorch: what a `SiglipSpec` means, its tensors and its
/// cost. Networks that have a field `siglip` call these for it.
///
/// Geometry, tensors and cost take a resolved, valid spec.
#ifndef TRANSECT_MODEL_SIGLIP_SPEC_H_
#define TRANSECT_MODEL_SIGLIP_SPEC_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/lora/adapter_towers.h"
#include "model/siglip/siglip.pb.h"

namespace transect {

/// Writes defaults, the sizes of `variant` that are not set, and LoRA for both
/// towers with the released code's targets: k_proj, v_proj, q_proj, out_proj,
/// and head in the text tower. A text tower whose LoRA has rank 0 is tuned
/// ZERO.
void ResolveSiglip(SiglipSpec* siglip);

/// Adds to `check`, whose path ends in "siglip", what is out of range. Adapters
/// are CheckAdapters' business.
void CheckSiglip(const SiglipSpec& siglip, const SpecChecker& check);

/// The vision and the text tower, as far as they have adapters. The spec need
/// not be valid.
std::vector<AdapterTower> SiglipAdapterTowers(const SiglipSpec& siglip);

/// Side of SigLIP's patch grid; 384 / 14 gives 27, pixels 378 to 383 are
/// unused.
int64_t SiglipGrid(const SiglipSpec& siglip);

/// First layer of the text tower that LoRA may adapt: 0 for FULL, layers -
/// floor(layers / 2) for HALF (14 of 27), layers for ZERO.
int64_t FirstAdaptedTextLayer(const SiglipSpec& siglip);

/// All tensors but adapters. `tunes_scale`: logit_scale and logit_bias are
/// trained even if not everything is.
void AddSiglipTensors(const SiglipSpec& siglip, bool trains_everything,
                      bool tunes_scale, TensorBuilder* tensors);

/// siglip.vision, siglip.text and their adapters. `pools`: the sentence is read
/// from the text tower's head.
void AddSiglipCost(const SiglipSpec& siglip, bool pools,
                   CostEstimate* estimate);

/// The cost part of the tensor `name`, without "siglip."; empty for names that
/// SigLIP does not have.
absl::string_view SiglipPartOf(absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_SPEC_H_
