/// \file
/// SigLIP's text tower with the three treatments of pads (S12).
#ifndef TRANSECT_MODEL_SIGLIP_TEXT_ENCODER_H_
#define TRANSECT_MODEL_SIGLIP_TEXT_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "model/base/evaluation_memo.h"
#include "model/base/table.h"
#include "model/layers/layer_norm.h"
#include "model/lora/lora_layers.h"
#include "model/siglip/encoder.h"
#include "model/siglip/siglip.pb.h"

namespace transect {

/// What the text tower says about sentences. T' is the length that the padding
/// rule gives: T for NONE, the longest sentence of the batch for LONGEST,
/// siglip.max_positions for MAX_LENGTH.
struct SiglipText {
  /// [B, T', C] after final_layer_norm.
  at::Tensor hidden;
  /// [B, T'] bool: positions that belong to the sentence by the padding rule.
  /// With NONE these are its own tokens; otherwise all positions.
  at::Tensor valid;
  /// [B] int64: the last valid position of each sentence.
  at::Tensor last;
  /// [B] int64: the position of each sentence's own end token.
  at::Tensor end;
};

/// Token and position embedding.
class SiglipTextEmbeddingsImpl : public torch::nn::Module {
 public:
  explicit SiglipTextEmbeddingsImpl(const SiglipSpec& spec);

  /// [B, T] int64 to [B, T, C] of `type`.
  at::Tensor forward(const at::Tensor& ids, at::ScalarType type);

 private:
  Table token_embedding_{nullptr}, position_embedding_{nullptr};
};
TORCH_MODULE(SiglipTextEmbeddings);

/// Sentences to token features; bidirectional, no causal mask.
class SiglipTextEncoderImpl : public torch::nn::Module {
 public:
  explicit SiglipTextEncoderImpl(const SiglipSpec& spec);

  /// \param ids [B, T] int64, padded with id 1; best on the CPU, because they
  ///   are checked.
  /// \param counts [B] int64 on the CPU, tokens with the end token.
  /// \throws c10::Error if T exceeds siglip.max_positions, an id the
  ///   vocabulary, or a count is not in 1 to T.
  /// \param type that the tower computes in.
  /// \param memo where it is not null each sentence is encoded alone, once.
  /// With NONE a sentence gives what it would give alone, up to rounding.
  SiglipText forward(const at::Tensor& ids, const at::Tensor& counts,
                     at::ScalarType type = at::kFloat,
                     EvaluationMemo* memo = nullptr);

  /// head(hidden at the last valid position): SigLIP's pooled feature, [B, C].
  at::Tensor Pool(const SiglipText& text);

  /// See SiglipEncoder.
  void set_checkpoint_activations(bool checkpoint_activations) {
    encoder_->set_checkpoint_activations(checkpoint_activations);
  }

 private:
  // Of ids [B, T'], of which `valid` are the sentence's.
  at::Tensor Encode(const at::Tensor& ids, const at::Tensor& valid,
                    at::ScalarType type);

  const int64_t vocab_size_, max_positions_;
  const SiglipSpec::Padding padding_;
  SiglipTextEmbeddings embeddings_{nullptr};
  SiglipEncoder encoder_{nullptr};
  LayerNorm final_layer_norm_{nullptr};
  Linear head_{nullptr};
};
TORCH_MODULE(SiglipTextEncoder);

/// The row of each sentence at `position`: [B, T, C], [B] to [B, C].
at::Tensor AtPosition(const at::Tensor& hidden, const at::Tensor& position);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_TEXT_ENCODER_H_
