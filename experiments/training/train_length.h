/// \file
/// How long a training takes: steps and epochs, of which a spec counts either.
///
/// A spec that counts epochs is the same whatever the size of the data set, so
/// its steps are known only where the samples of the train split are: in a
/// worker, and in a plan where a recipe says how many there are.
#ifndef TRANSECT_EXPERIMENTS_TRAINING_TRAIN_LENGTH_H_
#define TRANSECT_EXPERIMENTS_TRAINING_TRAIN_LENGTH_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "data/loader/epochs.h"
#include "experiments/training/training.pb.h"

namespace transect {

/// A length in steps, and the epochs that they belong to.
struct TrainLength {
  int64_t steps = 0;
  /// The first so many steps warm up.
  int64_t warmup_steps = 0;
  Epochs epochs;
};

/// Whether anything is trained: false exactly for a length of 0.
bool Trains(const TrainingSpec& training);

/// "76200 steps" or "200 epochs", as the spec counts.
std::string LengthText(const TrainingSpec& training);

/// The length on a train split of `samples`, 1 or more. `training` is resolved
/// and in range. kInvalidArgument, naming the field, if that is more steps than
/// `training.steps` allows, if the warm-up is longer than the training, and as
/// Epochs::Create says.
absl::StatusOr<TrainLength> LengthOf(const TrainingSpec& training,
                                     DataSpec::LastBatch last_batch,
                                     int64_t samples);

/// The steps of it. A spec that counts steps has them whatever the other
/// arguments are, and no error.
absl::StatusOr<int64_t> StepsOf(const TrainingSpec& training,
                                DataSpec::LastBatch last_batch,
                                int64_t samples);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_TRAINING_TRAIN_LENGTH_H_
