#include "launch/inputs/for_each.h"

#include <atomic>
#include <vector>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(ForEachAtOnce, CallsEachOnceAndWaitsForAll) {
  for (const int count : {0, 1, 15, 16, 1000}) {
    std::vector<std::atomic<int>> calls(count);
    ForEachAtOnce(count, [&](int i) { ++calls[i]; });
    for (const std::atomic<int>& each : calls) EXPECT_EQ(each, 1) << count;
  }
}

}  // namespace
}  // namespace transect
