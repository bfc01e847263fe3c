/// \file
/// Which samples a training step reads, and which of them a rank.
#ifndef TRANSECT_DATA_LOADER_SAMPLER_H_
#define TRANSECT_DATA_LOADER_SAMPLER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "data/data.pb.h"

namespace transect {

/// The order of a training: a pure function of what it is created with. A run
/// that resumes at any step, on any number of ranks, sees what it would have
/// seen; there is no state to save but the number of the step.
///
/// Each epoch is a permutation of the data set drawn from Philox(seed,
/// "sampler", epoch), cut into batches. What happens where an epoch does not
/// end with a batch is `DataSpec.last_batch` (data.proto).
///
/// Keeps the permutation of one epoch: a step of another epoch than the last
/// call's takes time in proportion to the size of the data set. Not to be
/// shared between threads.
class Sampler {
 public:
  /// `dataset_size` and `global_batch` are at least 1. kInvalidArgument for
  /// DROP where an epoch is smaller than a batch.
  static absl::StatusOr<Sampler> Create(int64_t dataset_size,
                                        int64_t global_batch, uint64_t seed,
                                        DataSpec::LastBatch last_batch);

  /// Indices into the data set, 0 .. dataset_size - 1, of the `global_batch`
  /// samples of `step` (from 0).
  std::vector<int64_t> Step(int64_t step);

  /// The share of `rank`: the rank-th of `ranks` equal, contiguous parts of
  /// `Step(step)`. `ranks` divides the global batch.
  std::vector<int64_t> Step(int64_t step, int rank, int ranks);

 private:
  Sampler(int64_t dataset_size, int64_t global_batch, uint64_t seed,
          DataSpec::LastBatch last_batch);

  // The sample at `position` of the permutation of `epoch`.
  int64_t At(int64_t epoch, int64_t position);

  int64_t dataset_size_;
  int64_t global_batch_;
  uint64_t seed_;
  DataSpec::LastBatch last_batch_;
  std::vector<int64_t> order_;
  int64_t drawn_epoch_ = -1;
};

}  // namespace transect

#endif  // TRANSECT_DATA_LOADER_SAMPLER_H_
