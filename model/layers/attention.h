/// \file
/// Scaled dot-product attention, plain and with SAM's decomposed relative
/// positions. Functions on tensors; the projections belong to the modules.
#ifndef TRANSECT_MODEL_LAYERS_ATTENTION_H_
#define TRANSECT_MODEL_LAYERS_ATTENTION_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace transect {

/// softmax(q k^T / sqrt(D)) v for each of `heads` heads, C = heads * D.
///
/// \param q [B, Nq, C]. \param k, v [B, Nk, C].
/// \param allowed undefined, or bool, broadcastable to [B, heads, Nq, Nk]:
///   false keeps a key from a query. Every query must have a key.
/// \returns [B, Nq, C].
at::Tensor Attention(const at::Tensor& q, const at::Tensor& k,
                     const at::Tensor& v, int64_t heads,
                     const at::Tensor& allowed = {});

/// Index of the table row for each (query, key) along one axis of `size`
/// tokens: [size * size] int64, query - key + size - 1.
at::Tensor RelativeIndex(int64_t size);

/// [H * W, H + W] float32: row j has a one at j's row and one at its column.
at::Tensor GridOneHot(int64_t height, int64_t width);

/// Attention of the tokens of an H x W grid (row-major) with SAM's relative
/// positions:
///
///   S_ij = <q_i, k_j> / sqrt(D) + <q_i, Rh[y_i, y_j]> + <q_i, Rw[x_i, x_j]>
///
/// The position terms use the unscaled q. On a CPU they are added to a block of
/// scores at a time (fused_attention.h). On a GPU they are folded into the
/// product by widening q with them and k with one-hot columns, which gives S
/// exactly and never forms a bias of the size of S.
///
/// \param qkv [B, H * W, 3 * C]: q, k and v of all heads, C = heads * D.
/// \param rel_h [H, H, D]: rel_h[y, a] is the table row for query row y and key
///   row a.
/// \param rel_w [W, W, D] likewise for columns.
/// \param one_hot `GridOneHot(H, W)` in the type of qkv; not read on a CPU.
/// \returns [B, H * W, C].
at::Tensor RelativeAttention(const at::Tensor& qkv, int64_t heads,
                             const at::Tensor& rel_h, const at::Tensor& rel_w,
                             const at::Tensor& one_hot);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_ATTENTION_H_
