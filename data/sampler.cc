#include "data/sampler.h"

#include <numeric>

#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

std::vector<int64_t> StepIndices(int64_t dataset_size, int64_t global_batch,
                                 uint64_t seed, int64_t step) {
  TRANSECT_CHECK(dataset_size >= 1 && global_batch >= 1 && step >= 0)
      << "dataset_size " << dataset_size << ", global_batch " << global_batch
      << ", step " << step;
  std::vector<int64_t> indices;
  indices.reserve(global_batch);
  std::vector<int64_t> order(dataset_size);
  int64_t drawn_epoch = -1;
  for (int64_t i = 0; i < global_batch; ++i) {
    const int64_t position = step * global_batch + i;
    const int64_t epoch = position / dataset_size;
    if (epoch != drawn_epoch) {
      std::iota(order.begin(), order.end(), int64_t{0});
      Philox(seed, "sampler", static_cast<uint64_t>(epoch)).Shuffle(&order);
      drawn_epoch = epoch;
    }
    indices.push_back(order[position % dataset_size]);
  }
  return indices;
}

}  // namespace transect
