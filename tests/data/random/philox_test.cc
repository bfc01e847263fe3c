#include "data/random/philox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "data/random/philox_blocks.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

TEST(PhiloxTest, AgreesWithTheKnownAnswersOfRandom123) {
  // The lines "philox4x32 10" of Random123's file kat_vectors.
  EXPECT_THAT(Philox::Block({0, 0}, {0, 0, 0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox::Block({0xffffffff, 0xffffffff},
                            {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox::Block({0xa4093822, 0x299f31d0},
                            {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(PhiloxBlocksTest, AreThoseOfTheBlockFunction) {
  std::array<uint32_t, 4 * kPhiloxBlocks> words;
  for (const uint32_t first : {0u, 7u, 0x7FFFFFF8u, 0xFFFFFFF8u}) {
    const Philox::Key key = {0xA4093822 + first, 0xFFFFFFFF};
    PhiloxBlocks(key, first, &words);
    for (uint32_t i = 0; i < kPhiloxBlocks; ++i) {
      const Philox::Counter block = Philox::Block(key, {first + i, 0, 0, 0});
      for (int word = 0; word < 4; ++word) {
        EXPECT_EQ(words[4 * i + word], block[word]) << first << " + " << i;
      }
    }
  }
}

TEST(PhiloxTest, EveryPartOfTheKeyGivesAnotherStream) {
  std::set<uint64_t> first;
  int streams = 0;
  for (const uint64_t seed : {0, 1, 2}) {
    for (const char* purpose : {"", "sampler", "samplers"}) {
      for (const uint64_t a : {0, 1, 2}) {
        for (const uint64_t b : {0, 1, 2}) {
          first.insert(Philox(seed, purpose, a, b).NextU64());
          ++streams;
        }
      }
    }
  }
  EXPECT_EQ(static_cast<int>(first.size()), streams);
}

TEST(PhiloxTest, AStreamIsAFunctionOfItsKeyAlone) {
  // From make_philox_golden.py; data sets and initial weights depend on it.
  Philox random(1, "weights", 2, 3);
  EXPECT_EQ(random.NextU32(), 0x99ff3096u);
  EXPECT_EQ(random.NextU32(), 0x1bf3a561u);
  EXPECT_EQ(random.NextU64(), 0x774c81a8717a7327u);
  Philox again(1, "weights", 2, 3);
  EXPECT_EQ(again.NextU64(), 0x1bf3a56199ff3096u);
}

TEST(PhiloxTest, UniformsFillTheUnitInterval) {
  Philox random(3, "uniform");
  double sum = 0, low = 1, high = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.NextUniform();
    sum += u;
    low = std::min(low, u);
    high = std::max(high, u);
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 1e-3);
  EXPECT_LT(high, 1);
  EXPECT_GT(high, 1 - 1e-3);
  // Five standard deviations of the mean.
  EXPECT_NEAR(sum / kDraws, 0.5, 5 / std::sqrt(12.0 * kDraws));
}

TEST(PhiloxTest, IntegersBelowABoundAreInRangeAndEven) {
  Philox random(4, "below");
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 70'000; ++i) {
    ++counts[random.NextBelow(7)];
  }
  ASSERT_EQ(counts.size(), 7u);
  for (const auto& [value, count] : counts) {
    EXPECT_LT(value, 7u);
    EXPECT_NEAR(count, 10'000, 500);
  }
  EXPECT_EQ(random.NextBelow(1), 0u);
  const uint64_t large = (uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i) {
    EXPECT_LT(random.NextBelow(large), large);
  }
}

TEST(PhiloxTest, NormalsHaveMeanZeroAndVarianceOne) {
  Philox random(5, "normal");
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.NextNormal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
  EXPECT_NEAR(fourth / kDraws, 3, 0.2);
}

TEST(PhiloxTest, ShufflesReachEveryOrderEquallyOften) {
  Philox random(6, "shuffle");
  std::map<std::vector<int64_t>, int> counts;
  for (int i = 0; i < 24'000; ++i) {
    std::vector<int64_t> values = {0, 1, 2, 3};
    random.Shuffle(&values);
    ++counts[values];
  }
  ASSERT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) {
    EXPECT_NEAR(count, 1000, 180);
  }
}

}  // namespace
}  // namespace transect
