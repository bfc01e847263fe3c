/// \file
/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
/// 2019, algorithm 2) on one flat buffer, which ranks may divide (ZeRO,
/// Rajbhandari et al., SC 2020).
///
/// The trained tensors become views into one contiguous fp32 tensor, and their
/// gradients into another, so that a step is one kernel. Decay is on every
/// trained tensor, as the reference trainer has it: also on norms, biases and
/// tensors that never receive a gradient.
#ifndef TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_
#define TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/flat_layout.h"

namespace torch::nn {
class Module;
}  // namespace torch::nn

namespace transect {

/// The parameters of `model` that require a gradient, by name: the same order
/// on all ranks.
std::map<std::string, at::Tensor> TrainedTensors(
    const torch::nn::Module& model);

/// How the state is divided.
struct OptimizerShare {
  /// Stage 0: this rank keeps all. Stage 1: the moments of its parts. Stage 2:
  /// the moments and summed gradients of its parts.
  int zero_stage = 0;
  int rank = 0;
  int ranks = 1;
  /// Parts of a bucket (flat_layout.h), a multiple of `ranks`.
  int parts = 1;
  int64_t bucket_elements = FlatLayout::kBucketElements;
};

class AdamWOptimizer {
 public:
  /// Moves `trained` (float32, all on one device, in an order that is the same
  /// on all ranks) into the flat buffer and gives each a gradient of zeros, but
  /// in stage 2. From now on their storage belongs to this object; assigning to
  /// their data or gradient breaks it. \throws c10::Error if there is none or
  /// one is not float32.
  AdamWOptimizer(std::vector<at::Tensor> trained, const AdamWSpec& spec,
                 const OptimizerShare& share = OptimizerShare());

  const FlatLayout& layout() const { return layout_; }
  const OptimizerShare& share() const { return share_; }
  /// The trained tensors, as they were given.
  const std::vector<at::Tensor>& trained() const { return trained_; }

  /// First and second moments, and the number of steps, [] float32: the rest of
  /// the state. The moments are [N]; in stages 1 and 2 those of this rank's
  /// parts, one bucket after the other.
  const at::Tensor& first_moment() const { return first_moment_; }
  const at::Tensor& second_moment() const { return second_moment_; }
  const at::Tensor& steps() const { return steps_; }

  /// All trained values, [N].
  const at::Tensor& values() const { return values_; }

  /// All gradients, [N]: backward() adds to it. In stage 2 only between
  /// HoldGradients and ReleaseGradients.
  const at::Tensor& gradients() const { return gradients_; }
  /// Makes all gradients zero; in stage 2 the buffer for them is made.
  void HoldGradients();
  /// In stage 2 the buffer goes, and the tensors have no gradient.
  void ReleaseGradients();
  /// Of each bucket the gradients that this rank steps with, views: all of
  /// them, or those of its parts. Stage 2 keeps them apart.
  const std::vector<at::Tensor>& owned_gradients() const { return owned_; }
  /// Multiplies the gradients that this rank steps with.
  void ScaleGradients(double factor);
  /// The sum of their squares, for each of this rank's parts in order: [parts
  /// of this rank] float64. One number for each part, whoever has it, so that
  /// adding them up by the tree gives the same bits on any number of ranks. In
  /// stage 0 every rank has all parts, of which these are its.
  std::vector<at::Tensor> SquaredNorms() const;

  /// With step count t from 1: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
  /// w = w - lr decay w - lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps), of
  /// what this rank owns. Elementwise: the bits do not depend on the number of
  /// threads or ranks.
  void Step(double lr);

  /// In stages 1 and 2, after a step: every rank gets the values of the others.
  absl::Status ShareValues(Collective& collective);
  /// Both moments whole, [N], on every rank.
  absl::Status GatherMoments(Collective& collective, at::Tensor* first,
                             at::Tensor* second) const;
  /// Takes on whole moments, or this rank's parts of them.
  void SetMoments(const at::Tensor& first, const at::Tensor& second);
  /// All ranks take on the moments and the step count of rank 0, in stages 1
  /// and 2 their parts of `first` and `second`, [N], which it alone gives.
  absl::Status ShareMoments(Collective& collective, const at::Tensor& first,
                            const at::Tensor& second);

 private:
  // Of a whole flat tensor, those ranges that this rank owns.
  std::vector<at::Tensor> OwnedOf(const at::Tensor& flat) const;

  const AdamWSpec spec_;
  const OptimizerShare share_;
  const std::vector<at::Tensor> trained_;
  const FlatLayout layout_;
  at::Tensor values_, gradients_, first_moment_, second_moment_;
  // In stage 2, the parts of this rank.
  at::Tensor part_gradients_;
  std::vector<at::Tensor> owned_;
  at::Tensor steps_;  // [] float32, as the kernel wants it
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_OPTIMIZER_ADAMW_OPTIMIZER_H_
