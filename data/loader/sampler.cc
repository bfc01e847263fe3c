#include "data/loader/sampler.h"

#include <numeric>

#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<Sampler> Sampler::Create(int64_t dataset_size,
                                        int64_t global_batch, uint64_t seed,
                                        DataSpec::LastBatch last_batch) {
  TRANSECT_ASSIGN_OR_RETURN(
      const Epochs epochs,
      Epochs::Create(dataset_size, global_batch, last_batch));
  return Sampler(epochs, dataset_size, global_batch, seed, last_batch);
}

Sampler::Sampler(const Epochs& epochs, int64_t dataset_size,
                 int64_t global_batch, uint64_t seed,
                 DataSpec::LastBatch last_batch)
    : epochs_(epochs),
      dataset_size_(dataset_size),
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
  const int64_t begin = step % epochs_.Steps(1) * global_batch_;
  for (int64_t i = 0; i < global_batch_; ++i) {
    indices.push_back(At(epochs_.Of(step), (begin + i) % dataset_size_));
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
