/// \file
/// How a split makes epochs and steps.
#ifndef TRANSECT_DATA_LOADER_EPOCHS_H_
#define TRANSECT_DATA_LOADER_EPOCHS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "data/data.pb.h"

namespace transect {

/// An epoch reads a split of `dataset_size` samples once, in steps of
/// `global_batch` samples; `DataSpec.last_batch` (data.proto) says what happens
/// if it does not end with a step. A value; pure.
class Epochs {
 public:
  /// `dataset_size` and `global_batch` are at least 1. kInvalidArgument for
  /// DROP if an epoch is smaller than a batch, and if `last_batch` is not
  /// specified.
  static absl::StatusOr<Epochs> Create(int64_t dataset_size,
                                       int64_t global_batch,
                                       DataSpec::LastBatch last_batch);

  /// Steps that read `epochs` epochs, 0 or more: with N samples, batches of B
  /// and e epochs ceil(e N / B) under CONTINUE, where the last step may reach
  /// into the next epoch; e ceil(N / B) under WRAP; e floor(N / B) under DROP.
  int64_t Steps(int64_t epochs) const;

  /// The epoch, from 0, of the first sample of `step`, from 0.
  int64_t Of(int64_t step) const;

 private:
  Epochs(int64_t dataset_size, int64_t global_batch,
         DataSpec::LastBatch last_batch);

  int64_t dataset_size_;
  int64_t global_batch_;
  DataSpec::LastBatch last_batch_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_LOADER_EPOCHS_H_
