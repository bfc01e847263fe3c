/// \file
/// Sizes that follow from a resolved model spec. Everything that needs a grid,
/// a count of prompts or the first adapted layer asks here, so that the
/// modules, the tensor table and the cost formulas cannot disagree.
///
/// All functions take a resolved spec (see spec.h) and are pure.
#ifndef TRANSECT_MODEL_GEOMETRY_H_
#define TRANSECT_MODEL_GEOMETRY_H_

#include <cstdint>

#include "model/model.pb.h"

namespace transect {

/// The towers of the network; null where it has none of the kind.
const SiglipSpec* SiglipOf(const ModelSpec& spec);
const SamSpec* SamOf(const ModelSpec& spec);

/// Side of the square images that the network takes, in pixels: SAM's, or
/// SigLIP's where there is no SAM.
int64_t InputImageSize(const ModelSpec& spec);

/// Whether the network trains everything that it has (tuning ALL), so that what
/// it saves can be the initial weights of another run.
bool TrainsEverything(const ModelSpec& spec);

/// Whether the network is only evaluated (sam_oracle_box with tuning NONE).
bool TrainsNothing(const ModelSpec& spec);

/// Side of SigLIP's patch grid; 384 / 14 gives 27, pixels 378 to 383 are
/// unused.
int64_t SiglipGrid(const SiglipSpec& siglip);

/// Side of SAM's patch grid: 64 at the published sizes.
int64_t SamGrid(const SamSpec& sam);

/// Side of the mask prompt and of the predicted mask: 4 times SAM's grid.
int64_t MaskSide(const SamSpec& sam);

/// Number of stride-2 convolutions that make the down-sampling rate (2, 4 or
/// 8): its binary logarithm.
int64_t DownsamplingBlocks(const PrompterSpec& prompter);

/// Side of the grid of sparse prompts: SigLIP's grid halved, rounding up, once
/// per stride-2 convolution. 27 becomes 14, 7, 4.
int64_t SparseGrid(const RsRefSegSpec& spec);

/// Sparse prompts per image: the square of SparseGrid, or 0 where the spec has
/// no sparse prompts.
int64_t SparsePrompts(const RsRefSegSpec& spec);

/// Whether prompt tokens, or a mask prompt, reach SAM.
bool HasSparsePrompts(const PrompterSpec& prompter);
bool HasDensePrompt(const PrompterSpec& prompter);

/// Side of the padded grid of a window layer: SamGrid rounded up to a multiple
/// of the window. 64 becomes 70 with windows of 14.
int64_t PaddedGrid(const SamSpec& sam);

/// Whether the SAM layer of this index attends globally.
bool IsGlobalLayer(const SamSpec& sam, int64_t layer);

/// First layer of the text tower that LoRA may adapt: 0 for FULL, layers -
/// floor(layers / 2) for HALF (14 of 27), layers for ZERO.
int64_t FirstAdaptedTextLayer(const SiglipSpec& siglip);

}  // namespace transect

#endif  // TRANSECT_MODEL_GEOMETRY_H_
