/// \file
/// AttnPrompter without LibTorch: what a `PrompterSpec` means, its tensors and
/// its cost.
///
/// Sizes around it come from the towers: the side of SigLIP's grid, SigLIP's
/// channels, SAM's prompt_channels.
#ifndef TRANSECT_MODEL_ATTN_PROMPTER_SPEC_H_
#define TRANSECT_MODEL_ATTN_PROMPTER_SPEC_H_

#include <cstdint>

#include "model/attn_prompter/attn_prompter.pb.h"
#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"

namespace transect {

/// Writes defaults.
void ResolvePrompter(PrompterSpec* prompter);

/// Adds to `check`, whose path ends in "prompter", what is out of range.
void CheckPrompter(const PrompterSpec& prompter, const SpecChecker& check);

/// Number of stride-2 convolutions that make the down-sampling rate (2, 4 or
/// 8): its binary logarithm.
int64_t DownsamplingBlocks(const PrompterSpec& prompter);

/// Side of the grid of sparse prompts: `grid`, the side of SigLIP's, halved,
/// rounding up, once per stride-2 convolution. 27 becomes 14, 7, 4.
int64_t SparseGrid(const PrompterSpec& prompter, int64_t grid);

/// Sparse prompts per image: the square of SparseGrid, or 0 where the spec has
/// no sparse prompts.
int64_t SparsePrompts(const PrompterSpec& prompter, int64_t grid);

/// Whether prompt tokens, or a mask prompt, reach SAM.
bool HasSparsePrompts(const PrompterSpec& prompter);
bool HasDensePrompt(const PrompterSpec& prompter);

/// All tensors, trainable, for features of `channels` channels; none without
/// sparse prompts, because the convolutions make only those.
void AddPrompterTensors(const PrompterSpec& prompter, int64_t channels,
                        int64_t prompt_channels, TensorBuilder* tensors);

/// The part prompter.
void AddPrompterCost(const PrompterSpec& prompter, int64_t grid,
                     int64_t channels, int64_t prompt_channels,
                     CostEstimate* estimate);

}  // namespace transect

#endif  // TRANSECT_MODEL_ATTN_PROMPTER_SPEC_H_
