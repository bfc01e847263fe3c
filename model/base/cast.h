/// \file
/// Parameters in the type of the activations they meet.
///
/// Under BF16 and FP16 frozen parameters are kept in the compute type and
/// trained ones in fp32. Layers compute in the type of their input and take
/// every parameter through `InTypeOf`: free for frozen ones, one small
/// differentiable copy for trained ones, whose gradient arrives in fp32.
#ifndef TRANSECT_MODEL_BASE_CAST_H_
#define TRANSECT_MODEL_BASE_CAST_H_

#include <ATen/core/Tensor.h>

namespace transect {

/// `parameter` in the type of `x`; an undefined one stays undefined.
inline at::Tensor InTypeOf(const at::Tensor& x, const at::Tensor& parameter) {
  return parameter.defined() ? parameter.to(x.scalar_type()) : parameter;
}

/// Replaces a constant that is no part of a module's state by its copy on the
/// device and in the type of `x`, once, and returns it. `keep_type` is for
/// indices.
inline const at::Tensor& ConstantFor(const at::Tensor& x, at::Tensor& constant,
                                     bool keep_type = false) {
  if (constant.device() != x.device() ||
      (!keep_type && constant.scalar_type() != x.scalar_type())) {
    constant = constant.to(
        x.device(), keep_type ? constant.scalar_type() : x.scalar_type());
  }
  return constant;
}

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_CAST_H_
