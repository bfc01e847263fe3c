/// \file
/// SAM without LibTorch: what a `SamSpec` means, its tensors and its cost.
/// Networks that have a field `sam` call these for it.
///
/// Geometry, tensors and cost take a resolved, valid spec.
#ifndef TRANSECT_MODEL_SAM_SPEC_H_
#define TRANSECT_MODEL_SAM_SPEC_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/base/tuning.h"
#include "model/lora/adapter_towers.h"
#include "model/sam/sam.pb.h"

namespace transect {

/// Writes defaults, the sizes of `variant` that are not set, and LoRA for the
/// image encoder with the released code's targets: qkv, proj, lin1, lin2,
/// neck.conv1, neck.conv2. An iou_head_size that is prompt_channels becomes 0.
void ResolveSam(SamSpec* sam);

/// Adds to `check`, whose path ends in "sam", what is out of range. Adapters
/// are CheckAdapters' business.
void CheckSam(const SamSpec& sam, const SpecChecker& check);

/// The image encoder, if it has adapters. The spec need not be valid.
std::vector<AdapterTower> SamAdapterTowers(const SamSpec& sam);

/// Side of SAM's patch grid: 64 at the published sizes.
int64_t SamGrid(const SamSpec& sam);

/// Side of the mask prompt and of the predicted mask: 4 times SAM's grid.
int64_t MaskSide(const SamSpec& sam);

/// Side of the padded grid of a window layer: SamGrid rounded up to a multiple
/// of the window. 64 becomes 70 with windows of 14.
int64_t PaddedGrid(const SamSpec& sam);

/// Channels inside the IoU head: iou_head_size, or prompt_channels where that
/// is 0.
int64_t IouHeadSize(const SamSpec& sam);

/// Whether the layer of this index attends globally.
bool IsGlobalLayer(const SamSpec& sam, int64_t layer);

/// All tensors but adapters. Unless nothing is trained, the mask decoder is,
/// and the prompt encoder where tune_prompt_encoder says so.
void AddSamTensors(const SamSpec& sam, Tuning tuning, TensorBuilder* tensors);

/// sam.encoder, sam.prompt_encoder, sam.mask_decoder and adapters, for
/// `prompts` prompt tokens per image and, if `mask_prompt`, a mask prompt.
void AddSamCost(const SamSpec& sam, int64_t prompts, bool mask_prompt,
                CostEstimate* estimate);

/// The cost part of the tensor `name`, without "sam."; empty for names that SAM
/// does not have.
absl::string_view SamPartOf(absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_SPEC_H_
