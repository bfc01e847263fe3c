/// \file
/// A linear layer and its adapter as one function.
#ifndef TRANSECT_MODEL_LORA_LORA_PRODUCT_H_
#define TRANSECT_MODEL_LORA_LORA_PRODUCT_H_

#include <ATen/core/Tensor.h>

#include "model/lora/dropout.h"

namespace transect {

/// x Wᵀ + b + s D(x) Aᵀ Bᵀ with the dropout D of `draws`: the adapter's product
/// is added in place to the base's. For the backward pass it keeps x and
/// D(x) Aᵀ, [n, r], and nothing else: the dropout is drawn again. The gradients
/// are, with t = D(x) Aᵀ and u = s dY B,
///
///   dA = uᵀ D(x)    dB = s dYᵀ t    dX = dY W + D(u A)
///
/// and W and b, which are frozen wherever there is an adapter or trained beside
/// it, get theirs where they want one.
/// \param x [n, in]. \param weight [out, in]. \param bias [out] or undefined.
/// \param a [r, in]. \param b [out, r]; all of the type of x.
/// \returns [n, out].
at::Tensor LoraProduct(const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias, const at::Tensor& a,
                       const at::Tensor& b, double scale,
                       const DropoutDraws& draws);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_LORA_PRODUCT_H_
