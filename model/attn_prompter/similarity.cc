#include "model/attn_prompter/similarity.h"

#include <torch/torch.h>

namespace transect {
namespace {

at::Tensor UnitLength(const at::Tensor& x) {
  return x / x.norm(2, -1, /*keepdim=*/true);
}

// Similarities are small, and what is made of them is not: in fp32.
at::Tensor Prepared(const at::Tensor& features, bool cosine) {
  const at::Tensor full = features.to(at::kFloat);
  return cosine ? UnitLength(full) : full;
}

}  // namespace

PatchTextSimilarity::PatchTextSimilarity(PrompterSpec::Similarity kind,
                                         const at::Tensor& patches,
                                         const at::Tensor& logit_scale,
                                         const at::Tensor& logit_bias)
    : cosine_(kind == PrompterSpec::COSINE_SCALED),
      patches_(Prepared(patches, cosine_)),
      logit_scale_(logit_scale),
      logit_bias_(logit_bias) {}

at::Tensor PatchTextSimilarity::To(const at::Tensor& text) const {
  const at::Tensor dot =
      at::bmm(patches_, Prepared(text, cosine_).transpose(1, 2));
  return cosine_ ? dot * logit_scale_.exp() + logit_bias_ : dot;
}

}  // namespace transect
