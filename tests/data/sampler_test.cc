#include "data/sampler.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace transect {
namespace {

// The samples of steps first .. last - 1, one after the other.
std::vector<int64_t> Steps(int64_t size, int64_t batch, uint64_t seed,
                           int64_t first, int64_t last) {
  std::vector<int64_t> all;
  for (int64_t step = first; step < last; ++step) {
    const std::vector<int64_t> indices = StepIndices(size, batch, seed, step);
    EXPECT_EQ(static_cast<int64_t>(indices.size()), batch);
    all.insert(all.end(), indices.begin(), indices.end());
  }
  return all;
}

TEST(SamplerTest, EverySampleOccursExactlyOncePerEpoch) {
  for (const int64_t size : {1, 2, 7, 16, 100}) {
    for (const int64_t batch : {1, 3, 16, 33}) {
      const std::vector<int64_t> all = Steps(size, batch, 5, 0, 3 * size);
      for (size_t epoch = 0; (epoch + 1) * size <= all.size(); ++epoch) {
        std::vector<int64_t> seen(all.begin() + epoch * size,
                                  all.begin() + (epoch + 1) * size);
        std::sort(seen.begin(), seen.end());
        std::vector<int64_t> expected(size);
        std::iota(expected.begin(), expected.end(), int64_t{0});
        ASSERT_EQ(seen, expected) << size << " " << batch << " " << epoch;
      }
    }
  }
}

TEST(SamplerTest, TheOrderDependsOnSeedAndEpochAndNotOnTheBatch) {
  const std::vector<int64_t> order = Steps(50, 10, 1, 0, 10);
  EXPECT_EQ(Steps(50, 25, 1, 0, 4), order);
  EXPECT_EQ(Steps(50, 100, 1, 0, 1), order);
  EXPECT_NE(Steps(50, 10, 2, 0, 10), order);
  EXPECT_NE(std::vector<int64_t>(order.begin(), order.begin() + 50),
            std::vector<int64_t>(order.begin() + 50, order.end()));
}

TEST(SamplerTest, AStepNeedsNoneBeforeIt) {
  const std::vector<int64_t> all = Steps(13, 4, 9, 0, 40);
  const std::vector<int64_t> resumed = Steps(13, 4, 9, 17, 40);
  EXPECT_EQ(std::vector<int64_t>(all.begin() + 17 * 4, all.end()), resumed);
}

}  // namespace
}  // namespace transect
