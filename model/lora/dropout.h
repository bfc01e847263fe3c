/// \file
/// Dropout whose masks are a pure function of (seed, step, sample, module).
///
/// The same sample gets the same mask whatever batch, rank, thread or device it
/// is computed on, so training can be repeated and its masks do not depend on
/// the number of ranks. No mask is stored: it is drawn where it is applied, and
/// once more in the backward pass.
#ifndef TRANSECT_MODEL_LORA_DROPOUT_H_
#define TRANSECT_MODEL_LORA_DROPOUT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// What the masks of one forward pass are keyed by, besides the module. One
/// object is shared by all adapters of a network, which sets it before each
/// pass.
struct DropoutKey {
  uint64_t seed = 0;
  int64_t step = 0;
  /// [B]
  std::vector<int64_t> sample_ids;
};

/// Which elements of a tensor are kept.
///
/// An element is dropped if its draw of 16 bits is below `dropped`: p rounded
/// to a multiple of 2^-16 (0.1 becomes 6554 / 65536). Within a sample, draws
/// are made in row-major order, eight from a block of Philox (block i has the
/// counter {i, 0, 0, 0}; of each of its four words the lower half first), so
/// more tokens at the end (pads) leave the first ones as they are.
struct DropoutDraws {
  /// [B] int64 on the CPU: the Philox key of each sample, its first word in the
  /// lower half. Undefined where nothing is dropped.
  at::Tensor keys;
  /// Of 65536; below that.
  int64_t dropped = 0;
};

/// What a kept element is multiplied by: 65536 / (65536 - dropped).
inline float KeptFactor(int64_t dropped) {
  return 65536.0F / static_cast<float>(65536 - dropped);
}

/// Those of a forward pass of `module`.
/// \param probability 0 to below 1.
DropoutDraws MakeDropoutDraws(const DropoutKey& key, absl::string_view module,
                              double probability);

/// x where it is kept, times 1 / (1 - p), and 0 elsewhere; x itself where
/// nothing is dropped. The factor belongs to the rounded p, so the expectation
/// is exactly x; it is not rounded to the type of x, and the product once. No
/// gradient.
/// \param x [B * n, ...]: the elements of a sample are contiguous along the
///   first axis. float, double, bfloat16 or half; in the memory format of x.
/// \throws c10::Error if the first size is no multiple of B, and as
///   DropOnDevice.
at::Tensor ApplyDropout(const DropoutDraws& draws, const at::Tensor& x);

/// Adds the same to `sum`, which has the shape and type of x: the product is
/// rounded, then the sum.
void AddDropout(const DropoutDraws& draws, const at::Tensor& x,
                at::Tensor& sum);

/// ApplyDropout with a gradient, which is dropped alike.
at::Tensor Dropout(const DropoutDraws& draws, const at::Tensor& x);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_DROPOUT_H_
