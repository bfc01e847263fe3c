/// \file
/// Everything that a training step changes: trained values, moments of the
/// optimizer, statistics of norms, loss scale and the number of steps. Which
/// samples a step reads and what is drawn in it are functions of the run and of
/// that number, so nothing else has to be kept to go on with the same bits, on
/// any number of ranks.
#ifndef TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_
#define TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/optimizer/loss_scale.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"

namespace transect {

/// A copy of the state on the CPU, by names that tell what a tensor is and
/// whose: value/NAME, first_moment/NAME, second_moment/NAME and buffer/NAME
/// with the network's names, and steps, optimizer_steps and loss_scale. It does
/// not depend on the number of ranks.
using SavedState = TensorMap;

class TrainingState {
 public:
  /// That of `model` before its first step. Moves its trained tensors into flat
  /// buffers (adamw_optimizer.h); `model` outlives this object.
  /// \throws c10::Error as AdamWOptimizer.
  TrainingState(SegmentationModel* model, const TrainingSpec& spec);

  /// Steps done.
  int64_t steps() const { return steps_; }
  AdamWOptimizer& optimizer() { return optimizer_; }
  /// Null but in FP16.
  LossScale* loss_scale() { return scale_.has_value() ? &*scale_ : nullptr; }

  /// The forward pass moves the statistics of norms; a step that is not taken
  /// puts them back, else one overflow would stay in them. Nothing but in FP16.
  void KeepBuffers();
  void PutBuffersBack();

  /// Counts a step that is over.
  void EndStep() { ++steps_; }

  /// All ranks take on the state of rank 0. Errors: a lost peer.
  absl::Status ShareRank0(Collective& collective);

  SavedState Save() const;
  /// Takes on a state that Save() of the same run gave. INVALID_ARGUMENT, and
  /// nothing changed, where a tensor is missing, surplus, of another type or of
  /// another shape.
  absl::Status Load(const SavedState& saved);

 private:
  // What Save copies and Load fills.
  TensorMap Views() const;

  const std::map<std::string, at::Tensor> trained_;
  std::map<std::string, at::Tensor> buffers_, kept_;
  AdamWOptimizer optimizer_;
  std::optional<LossScale> scale_;
  int64_t steps_ = 0;
};

/// SHA-256 of names, types, shapes and bytes, 64 hexadecimal digits.
std::string DigestOf(const SavedState& state);

/// The first tensor in which two states differ, and how; "" if they are the
/// same bits.
std::string DifferenceBetween(const SavedState& a, const SavedState& b);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_
