/// \file
/// Dropout whose masks are a pure function of (seed, step, sample, module).
///
/// The same sample gets the same mask whatever batch, rank, thread or device it
/// is computed on, so training can be repeated and its masks do not depend on
/// the number of ranks.
#ifndef TRANSECT_MODEL_LORA_DROPOUT_H_
#define TRANSECT_MODEL_LORA_DROPOUT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// What the masks of one forward pass are keyed by, besides the module. One
/// object is shared by all adapters of a network, which sets it before each
/// pass; it must stay until the backward pass is done.
struct DropoutKey {
  uint64_t seed = 0;
  int64_t step = 0;
  /// [B]
  std::vector<int64_t> sample_ids;
};

/// Which elements are kept.
///
/// p is rounded to a multiple of 2^-16 (0.1 becomes 6554 / 65536). Within a
/// sample the mask is drawn in row-major order, so more tokens at the end
/// (pads) leave the first ones as they are.
///
/// \param like [B * n, ...]: the mask has its shape and lies on its device; the
///   elements of a sample are contiguous along the first axis.
/// \param probability 0 to below 1. \returns bool.
/// \throws c10::Error if the first size is no multiple of the number of
/// samples.
at::Tensor DropoutMask(const DropoutKey& key, absl::string_view module,
                       double probability, const at::Tensor& like);

/// The same mask by tensor operations on the device of `like`: what DropoutMask
/// does on devices other than the CPU, where it would be slow.
at::Tensor DropoutMaskOnDevice(const DropoutKey& key, absl::string_view module,
                               double probability, const at::Tensor& like);

/// x where it is kept, times 1 / (1 - p), and 0 elsewhere; differentiable. The
/// factor belongs to the rounded p, so the expectation is exactly x.
at::Tensor Dropout(const DropoutKey& key, absl::string_view module,
                   double probability, const at::Tensor& x);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_DROPOUT_H_
