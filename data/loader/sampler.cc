#include "data/loader/sampler.h"

#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

absl::StatusOr<Sampler> Sampler::Create(int64_t dataset_size,
                                        int64_t global_batch, uint64_t seed,
                                        DataSpec::LastBatch last_batch) {
  TRANSECT_CHECK(dataset_size >= 1 && global_batch >= 1)
      << "dataset_size " << dataset_size << ", global_batch " << global_batch;
  if (last_batch == DataSpec::LAST_BATCH_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        "data.last_batch is LAST_BATCH_UNSPECIFIED, must be CONTINUE, DROP or "
        "WRAP");
  }
  if (last_batch == DataSpec::DROP && dataset_size < global_batch) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data.last_batch is DROP, but the split has ", dataset_size,
        " samples, fewer than training.global_batch, ", global_batch));
  }
  return Sampler(dataset_size, global_batch, seed, last_batch);
}

Sampler::Sampler(int64_t dataset_size, int64_t global_batch, uint64_t seed,
                 DataSpec::LastBatch last_batch)
    : dataset_size_(dataset_size),
      global_batch_(global_batch),
      seed_(seed),
      last_batch_(last_batch) {}

int64_t Sampler::At(int64_t epoch, int64_t position) {
  if (epoch != drawn_epoch_) {
    order_.resize(dataset_size_);
    std::iota(order_.begin(), order_.end(), int64_t{0});
    Philox(seed_, "sampler", static_cast<uint64_t>(epoch)).Shuffle(&order_);
    drawn_epoch_ = epoch;
  }
  return order_[position];
}

std::vector<int64_t> Sampler::Step(int64_t step) {
  TRANSECT_CHECK(step >= 0) << "step " << step;
  std::vector<int64_t> indices;
  indices.reserve(global_batch_);
  if (last_batch_ == DataSpec::CONTINUE) {
    for (int64_t i = 0; i < global_batch_; ++i) {
      const int64_t position = step * global_batch_ + i;
      indices.push_back(At(position / dataset_size_, position % dataset_size_));
    }
    return indices;
  }
  const int64_t full = dataset_size_ / global_batch_;
  const bool partial = dataset_size_ % global_batch_ != 0;
  const int64_t batches =
      last_batch_ == DataSpec::WRAP && partial ? full + 1 : full;
  const int64_t begin = step % batches * global_batch_;
  for (int64_t i = 0; i < global_batch_; ++i) {
    indices.push_back(At(step / batches, (begin + i) % dataset_size_));
  }
  return indices;
}

std::vector<int64_t> Sampler::Step(int64_t step, int rank, int ranks) {
  TRANSECT_CHECK(rank >= 0 && rank < ranks && global_batch_ % ranks == 0)
      << "rank " << rank << " of " << ranks << ", global_batch "
      << global_batch_;
  const std::vector<int64_t> all = Step(step);
  const int64_t share = global_batch_ / ranks;
  return {all.begin() + rank * share, all.begin() + (rank + 1) * share};
}

}  // namespace transect
