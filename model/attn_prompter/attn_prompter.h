/// \file
/// AttnPrompter: patch and sentence features in, prompts for SAM out.
///
/// input: SigLIP's `SiglipVisionEncoder` and `SiglipTextEncoder` features;
/// output: `Prompts` for SAM's prompt encoder and mask decoder. RSRefSeg paper,
/// sections II-B and II-C, equations 3 and 4; every point where the released
/// code differs is a field of `PrompterSpec` (S2 to S5, S15 to
/// S17).
#ifndef TRANSECT_MODEL_ATTN_PROMPTER_ATTN_PROMPTER_H_
#define TRANSECT_MODEL_ATTN_PROMPTER_ATTN_PROMPTER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "model/attn_prompter/attn_prompter.pb.h"
#include "model/base/segmentation_model.h"
#include "model/layers/sync_batch_norm.h"
#include "model/lora/lora_layers.h"

namespace transect {

/// What AttnPrompter looks at. g is the side of SigLIP's grid, N = g * g.
struct PrompterInput {
  at::Tensor patches;      ///< [B, N, C], not normalized.
  at::Tensor tokens;       ///< [B, T, C], not normalized.
  at::Tensor token_valid;  ///< [B, T] bool: tokens that are compared locally;
                           ///< at least one per sentence.
  at::Tensor sentence;     ///< [B, C], not normalized.
  at::Tensor logit_scale;  ///< [1], a logarithm; used by COSINE_SCALED.
  at::Tensor logit_bias;   ///< [1]; used by COSINE_SCALED.
  at::Tensor position;     ///< [g, g, prompt channels]; used where
                           ///< add_sam_position is set, else undefined.
};

/// Prompts for SAM.
struct Prompts {
  /// [B, P, prompt channels], row-major over the down-sampled grid; undefined
  /// where the spec has no sparse prompts.
  at::Tensor sparse;
  /// [B, 1, g, g] float32: similarity of every patch to the sentence before the
  /// sigmoid (equation 4). The dense prompt is made from it.
  at::Tensor activation;
};

/// Convolution, batch norm, GELU, under mmcv's names `conv` and `bn`; with
/// `plain` a convolution with bias and nothing behind it.
class ConvBlockImpl : public torch::nn::Module {
 public:
  struct Options {
    int64_t in, out, kernel;
    int64_t stride = 1;
    int64_t padding = 0;
    bool plain = false;
    ShardSum* shards = nullptr;
  };
  explicit ConvBlockImpl(const Options& options);

  /// [B, H, W, in] of each shard to [B, H', W', out]. \param tape as
  /// SyncBatchNorm takes it.
  std::vector<at::Tensor> forward(const std::vector<at::Tensor>& x,
                                  JointTape* tape);

 private:
  Conv2d conv_{nullptr};
  SyncBatchNorm bn_{nullptr};
};
TORCH_MODULE(ConvBlock);

/// The prompter.
class AttnPrompterImpl : public torch::nn::Module {
 public:
  /// \param channels of patch and text features. \param prompt_channels of
  ///   SAM's prompts. \param shards see `BuildOptions`.
  AttnPrompterImpl(const PrompterSpec& spec, int64_t channels,
                   int64_t prompt_channels, ShardSum* shards);

  /// The prompts of each shard of this rank. \param tape as SyncBatchNorm takes
  /// it. \throws c10::Error if image and text features differ in width.
  std::vector<Prompts> forward(const std::vector<PrompterInput>& shards,
                               JointTape* tape);

 private:
  /// The activation, and the attended features where there are sparse prompts.
  Prompts Attend(const PrompterInput& input, at::Tensor* attended) const;

  /// Equation 3: the patch features, weighted by their similarity to the
  /// sentence and to its tokens, beside themselves: [B, N, 3 * C].
  at::Tensor AttendedFeatures(const PrompterInput& input,
                              const at::Tensor& activation,
                              const at::Tensor& token_similarity) const;

  const PrompterSpec spec_;
  ConvBlock prompter_down_channel_{nullptr};
  std::vector<ConvBlock> prompter_down_spatial_;
};
TORCH_MODULE(AttnPrompter);

}  // namespace transect

#endif  // TRANSECT_MODEL_ATTN_PROMPTER_ATTN_PROMPTER_H_
