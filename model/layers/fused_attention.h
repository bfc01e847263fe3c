/// \file
/// Attention on CPUs in one operation, forward and backward, by
/// attention_kernel.h. A head is computed by one thread, so results depend
/// neither on the number of threads nor on the rest of a batch.
///
/// Types: float, double, half and bfloat16. Scores, softmax, its derivative
/// and all sums are in fp32 (double for double); factors of products are in
/// bfloat16 where the inputs are and the processor multiplies it fast, else in
/// fp32. Besides inputs and result one number a query is kept for the backward
/// pass.
#ifndef TRANSECT_MODEL_LAYERS_FUSED_ATTENTION_H_
#define TRANSECT_MODEL_LAYERS_FUSED_ATTENTION_H_

#include <ATen/core/Tensor.h>

namespace transect {

/// softmax(q k^T / sqrt(D)) v.
/// \param q [B, Nq, Nh, D]. \param k, v [B, Nk, Nh, D].
/// \returns [B, Nq, Nh, D].
at::Tensor FusedAttention(const at::Tensor& q, const at::Tensor& k,
                          const at::Tensor& v);

/// RelativeAttention of attention.h.
/// \param qkv [B, H * W, 3, Nh, D]. \param rel_h [H, H, D], rel_w [W, W, D].
/// \returns [B, H * W, Nh, D].
at::Tensor FusedRelativeAttention(const at::Tensor& qkv,
                                  const at::Tensor& rel_h,
                                  const at::Tensor& rel_w);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_FUSED_ATTENTION_H_
