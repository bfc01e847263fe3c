/// \file
/// Which samples a training step reads, and each rank's share.
#ifndef TRANSECT_DATA_LOADER_SAMPLER_H_
#define TRANSECT_DATA_LOADER_SAMPLER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "data/loader/epochs.h"

namespace transect {

/// The order of samples in a training run: a pure function of the arguments of
/// Create. A run that resumes at any step, on any number of ranks, sees the
/// same samples; the number of the step is the only state.
///
/// Each epoch is a permutation of the data set drawn from Philox(seed,
/// "sampler", epoch), cut into batches. `DataSpec.last_batch` (data.proto) says
/// what happens if an epoch does not end with a batch.
///
/// Keeps the permutation of one epoch: a step of another epoch than in the last
/// call takes time in proportion to the size of the data set. Not thread-safe.
class Sampler {
 public:
  /// Arguments and errors: as Epochs::Create (data/loader/epochs.h).
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
  Sampler(const Epochs& epochs, int64_t dataset_size, int64_t global_batch,
          uint64_t seed, DataSpec::LastBatch last_batch);

  // The sample at `position` of the permutation of `epoch`.
  int64_t At(int64_t epoch, int64_t position);

  Epochs epochs_;
  int64_t dataset_size_;
  int64_t global_batch_;
  uint64_t seed_;
  DataSpec::LastBatch last_batch_;
  std::vector<int64_t> order_;
  int64_t drawn_epoch_ = -1;
};

}  // namespace transect

#endif  // TRANSECT_DATA_LOADER_SAMPLER_H_
