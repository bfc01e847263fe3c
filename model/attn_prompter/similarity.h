/// \file
/// How much a patch looks like a text, as SigLIP compares them (S4).
#ifndef TRANSECT_MODEL_ATTN_PROMPTER_SIMILARITY_H_
#define TRANSECT_MODEL_ATTN_PROMPTER_SIMILARITY_H_

#include <ATen/core/Tensor.h>

#include "model/attn_prompter/attn_prompter.pb.h"

namespace transect {

/// The patches of a batch, prepared for comparison with several texts.
class PatchTextSimilarity {
 public:
  /// \param kind DOT: v . t. COSINE_SCALED: exp(logit_scale) cos(v, t) +
  ///   logit_bias, norms without an epsilon.
  /// \param patches v, [B, N, C].
  /// \param logit_scale [1], a logarithm. \param logit_bias [1]. Both are used
  ///   by COSINE_SCALED only.
  PatchTextSimilarity(PrompterSpec::Similarity kind, const at::Tensor& patches,
                      const at::Tensor& logit_scale,
                      const at::Tensor& logit_bias);

  /// \param text t, [B, K, C]. \returns [B, N, K] in fp32, before any sigmoid.
  at::Tensor To(const at::Tensor& text) const;

 private:
  bool cosine_;
  at::Tensor patches_, logit_scale_, logit_bias_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_ATTN_PROMPTER_SIMILARITY_H_
