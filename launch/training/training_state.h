/// \file
/// Everything that a training step changes: trained values, moments of the
/// optimizer, statistics of norms, loss scale and the number of steps; and what
/// a validation changes that decides about the weights. Which samples a step
/// reads and what is drawn in it are functions of the run and of that number,
/// so nothing else has to be kept to go on with the same bits, on any number of
/// ranks.
#ifndef TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_
#define TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/optimizer/loss_scale.h"
#include "launch/training/best_so_far.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"

namespace transect {

/// A copy of the state on the CPU, by names that tell what a tensor is and
/// whose: value/NAME, first_moment/NAME, second_moment/NAME and buffer/NAME
/// with the network's names, and steps, optimizer_steps, loss_scale, best and
/// log. It does not depend on the number of ranks.
using SavedState = TensorMap;

/// What training changes of a network, value/NAME and buffer/NAME of a
/// SavedState, after the best validation so far.
struct BestWeights {
  /// Steps that were done; 0 for none.
  int64_t step = 0;
  /// Null on a rank that does not keep them.
  std::shared_ptr<const SavedState> tensors;
};

/// Steps since the last record of the metric log (step_log.h): part of the
/// state so that a record means the same after a stop between two of them.
struct StepSums {
  /// How many, and the sum of their losses.
  int64_t steps = 0;
  double loss = 0;
  /// How many were taken, and the sum of the norms of their gradients.
  int64_t taken = 0;
  double gradient_norm = 0;
};

class TrainingState {
 public:
  /// That of `model` before its first step. Moves its trained tensors into flat
  /// buffers (adamw_optimizer.h); `model` outlives this object.
  /// \param share of the optimizer's state that this rank keeps.
  /// \throws c10::Error as AdamWOptimizer.
  TrainingState(SegmentationModel* model, const TrainingSpec& spec,
                const OptimizerShare& share = OptimizerShare());

  /// Steps done.
  int64_t steps() const { return steps_; }
  AdamWOptimizer& optimizer() { return optimizer_; }
  /// Null but in FP16.
  LossScale* loss_scale() { return scale_.has_value() ? &*scale_ : nullptr; }
  StepSums& sums() { return sums_; }

  /// Null where validations decide nothing.
  BestSoFar* best() { return best_.has_value() ? &*best_ : nullptr; }

  /// Keeps a copy of the weights of now as the best, on this rank, where
  /// `validation.weights` is BEST.
  void KeepWeights();
  /// Those, or none.
  BestWeights best_weights() const;
  /// All ranks take on the best weights, which rank 0 keeps; moments and counts
  /// stay. Errors: a lost peer, INTERNAL if rank 0 keeps none.
  absl::Status TakeOnBestWeights(Collective& collective);

  /// The forward pass moves the statistics of norms; a step that is not taken
  /// puts them back, else one overflow would stay in them. Nothing but in FP16.
  void KeepBuffers();
  void PutBuffersBack();

  /// Counts a step that is over.
  void EndStep() {
    ++steps_;
    first_moment_ = second_moment_ = at::Tensor();
  }

  /// All ranks take on the state of rank 0. Errors: a lost peer.
  absl::Status ShareRank0(Collective& collective);

  /// Before Save, where ranks divide the optimizer's state: all of them call
  /// it. Errors: a lost peer.
  absl::Status Gather(Collective& collective);
  SavedState Save() const;
  /// The step of the best weights that a saved state of this run needs beside
  /// it; 0 for none.
  int64_t BestStepOf(const SavedState& saved) const;
  /// Takes on a state that Save() of the same run gave, with the weights of
  /// BestStepOf(saved), null for none. INVALID_ARGUMENT, and nothing changed,
  /// where a tensor is missing, surplus, of another type or of another shape.
  absl::Status Load(const SavedState& saved,
                    std::shared_ptr<const SavedState> best_weights = nullptr);

 private:
  bool is_divided() const { return optimizer_.share().zero_stage > 0; }
  // What Save copies and Load fills; of them the weights.
  TensorMap Views() const;
  TensorMap WeightViews() const;
  // The slots of a flat buffer as KIND/NAME.
  void AddSlots(absl::string_view kind, const at::Tensor& flat,
                TensorMap* views) const;

  const std::map<std::string, at::Tensor> trained_;
  std::map<std::string, at::Tensor> buffers_, kept_;
  AdamWOptimizer optimizer_;
  // Where ranks divide them, the whole moments while they are saved or loaded.
  at::Tensor first_moment_, second_moment_;
  std::optional<LossScale> scale_;
  const bool keeps_best_;
  std::optional<BestSoFar> best_;
  std::shared_ptr<const SavedState> best_weights_;
  int64_t steps_ = 0;
  StepSums sums_;
};

/// SHA-256 of names, types, shapes and bytes, 64 hexadecimal digits.
std::string DigestOf(const SavedState& state);

/// The first tensor in which two states differ, and how; "" if they are the
/// same bits.
std::string DifferenceBetween(const SavedState& a, const SavedState& b);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_TRAINING_STATE_H_
