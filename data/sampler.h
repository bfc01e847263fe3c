/// \file
/// Which samples a training step reads.
#ifndef TRANSECT_DATA_SAMPLER_H_
#define TRANSECT_DATA_SAMPLER_H_

#include <cstdint>
#include <vector>

namespace transect {

/// Indices into the data set, 0 .. dataset_size - 1, of the `global_batch`
/// samples of `step` (from 0). A pure function of its arguments: a run that
/// resumes at any step, on any number of ranks, sees what it would have seen.
///
/// Each epoch is a permutation drawn from Philox(seed, "sampler", epoch). Steps
/// read on without a gap: where an epoch ends inside of a batch, the batch is
/// filled from the next epoch, so each sample occurs exactly once per epoch.
/// dataset_size and global_batch are at least 1, step at least 0. Takes time in
/// proportion to dataset_size + global_batch.
std::vector<int64_t> StepIndices(int64_t dataset_size, int64_t global_batch,
                                 uint64_t seed, int64_t step);

}  // namespace transect

#endif  // TRANSECT_DATA_SAMPLER_H_
