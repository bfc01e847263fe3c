#include "data/masks/pillow_nearest.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// One row, or column, that holds one bit of each source's number.
Rle BitOfNumbers(int size, int bit, bool row) {
  std::vector<uint8_t> pixels(size);
  for (int i = 0; i < size; ++i) {
    pixels[i] = static_cast<uint8_t>(i >> bit & 1);
  }
  return row ? RleFromMask(pixels, 1, size) : RleFromMask(pixels, size, 1);
}

// Which source each pixel of the resized row, or column, took.
std::vector<int> Taken(int from, int to, bool row) {
  std::vector<int> taken(to);
  for (int bit = 0; from >> bit > 0; ++bit) {
    const std::vector<uint8_t> pixels = MaskFromRle(ResizeRleAsPillow(
        BitOfNumbers(from, bit, row), row ? 1 : to, row ? to : 1));
    for (int i = 0; i < to; ++i) taken[i] |= pixels[i] << bit;
  }
  return taken;
}

TEST(ResizeRleAsPillow, TakesThePixelsThatPillowTakes) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile("tests/data/masks/testdata/pillow_nearest_golden.json"));
  const nlohmann::json cases = nlohmann::json::parse(text);
  ASSERT_GE(cases.size(), 6u);
  for (const nlohmann::json& each : cases) {
    const int from = each["source"];
    const int to = each["size"];
    const std::vector<int> expected = each["taken"];
    EXPECT_EQ(Taken(from, to, /*row=*/true), expected) << from << " " << to;
    EXPECT_EQ(Taken(from, to, /*row=*/false), expected) << from << " " << to;
  }
}

// 512 to 480 is where the sum in double matters.
TEST(ResizeRleAsPillow, AddsUpInsteadOfMultiplying) {
  const std::vector<int> taken = Taken(512, 480, /*row=*/true);
  std::vector<int> others;
  for (int i = 0; i < 480; ++i) {
    if (taken[i] != static_cast<int>((i + 0.5) * (512.0 / 480))) {
      others.push_back(i);
    }
  }
  ASSERT_GE(others.size(), 3u);
  EXPECT_EQ(others[0], 7);
  EXPECT_EQ(others[1], 22);
}

TEST(ResizeRleAsPillow, ARegionThatIsAbsentStaysAbsent) {
  EXPECT_EQ(ResizeRleAsPillow(Rle(), 480, 480).height, 0);
}

}  // namespace
}  // namespace transect
