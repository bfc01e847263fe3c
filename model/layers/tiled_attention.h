/// \file
/// RelativeAttention (attention.h) on CPUs: a tile of the matrix of scores at a
/// time, by the library's matrix products.
///
/// Neither the matrix of all scores nor a bias of its size is kept: the
/// backward pass makes each tile again. The position terms are added to a tile
/// before the product is, so the products have the width of a head.
#ifndef TRANSECT_MODEL_LAYERS_TILED_ATTENTION_H_
#define TRANSECT_MODEL_LAYERS_TILED_ATTENTION_H_

#include <ATen/core/Tensor.h>

namespace transect {

/// As RelativeAttention. Scores, softmax and its derivative are in fp32, or in
/// double where q is; the products with probabilities are in the type of q.
at::Tensor TiledRelativeAttention(const at::Tensor& q, const at::Tensor& k,
                                  const at::Tensor& v, const at::Tensor& rel_h,
                                  const at::Tensor& rel_w);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_TILED_ATTENTION_H_
