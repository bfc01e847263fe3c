/// \file
/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
/// 2019, algorithm 2) on one flat buffer.
///
/// The trained tensors become views into one contiguous fp32 tensor, and their
/// gradients into another, so that summing over ranks is one call and a step is
/// one kernel. Decay is on every trained tensor, as the reference trainer has
/// it: also on norms, biases and tensors that never receive a gradient.
#ifndef TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_
#define TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/training/training.pb.h"

namespace torch::nn {
class Module;
}  // namespace torch::nn

namespace transect {

/// The parameters of `model` that require a gradient, by name: the same order
/// on all ranks.
std::map<std::string, at::Tensor> TrainedTensors(
    const torch::nn::Module& model);

class AdamWOptimizer {
 public:
  /// Moves `trained` (float32, all on one device, in an order that is the same
  /// on all ranks) into the flat buffer, each at a multiple of kAlignment
  /// elements with zeros between, and gives each a gradient of zeros. From now
  /// on their storage belongs to this object; assigning to their data or
  /// gradient breaks it. \throws c10::Error if there is none or one is not
  /// float32.
  AdamWOptimizer(std::vector<at::Tensor> trained, const AdamWSpec& spec);

  /// 128 bytes: the same alignment for every tensor in every run, because
  /// vectorised kernels may round differently at another one.
  static constexpr int64_t kAlignment = 32;

  /// Places in the flat buffers: a view of `flat`, which is one of them, for
  /// each trained tensor, of its shape.
  std::vector<at::Tensor> Slots(const at::Tensor& flat) const;

  /// First and second moments, [N], and the number of steps, [] float32: the
  /// rest of the state.
  const at::Tensor& first_moment() const { return first_moment_; }
  const at::Tensor& second_moment() const { return second_moment_; }
  const at::Tensor& steps() const { return steps_; }

  /// All gradients, [N]. backward() adds to it.
  const at::Tensor& gradients() const { return gradients_; }
  /// All trained values, [N].
  const at::Tensor& values() const { return values_; }

  void ZeroGradients();
  /// Multiplies all gradients.
  void ScaleGradients(double factor);

  /// With step count t from 1: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
  /// w = w - lr decay w - lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps).
  /// Elementwise: the bits do not depend on the number of threads.
  void Step(double lr);

 private:
  struct Slot {
    int64_t offset;
    std::vector<int64_t> shape;
  };

  const AdamWSpec spec_;
  std::vector<Slot> slots_;
  at::Tensor values_, gradients_, first_moment_, second_moment_;
  at::Tensor steps_;  // [] float32, as the kernel wants it
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_
