#include "data/masks/rle.h"

#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/image/decode.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/random/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Vector {
  int height;
  int width;
  std::vector<uint32_t> runs;
  std::string text;
};

// Worked out by hand from the definition of the format.
const std::vector<Vector>& HandMadeVectors() {
  static const auto* const vectors = new std::vector<Vector>{
      {3, 4, {12}, "<"},
      {3, 4, {0, 12}, "0<"},
      {4, 4, {16}, "`0"},
      {4, 8, {32}, "P1"},
      {3, 4, {2, 5, 4, 1}, "254L"},
      {3, 4, {5, 2, 5}, "525"},
      {1, 11, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "011000000000"},
      {20,
       32,
       {15, 16, 17, 31, 32, 33, 496},
       "?`0a0?"
       "?2`>"},
      {20, 32, {7, 40, 3, 2, 588}, "7X13jNYb0"},
      {800, 800, {640000}, "PPac0"},
      {800, 800, {0, 640000}, "0PPac0"},
      {800, 800, {16010, 3, 797, 3, 797, 3, 622387}, "Zd?3mh0000fPob0"},
  };
  return *vectors;
}

TEST(RleTest, HandMadeVectorsDecodeAndEncode) {
  for (const Vector& vector : HandMadeVectors()) {
    ASSERT_OK_AND_ASSIGN(
        const Rle rle,
        DecodeRleString(vector.text, vector.height, vector.width));
    EXPECT_EQ(rle.runs, vector.runs) << vector.text;
    EXPECT_EQ(EncodeRleString(rle), vector.text);
  }
}

TEST(RleTest, PositionsAreColumnMajor) {
  ASSERT_OK_AND_ASSIGN(const Rle rle, DecodeRleString("254L", 3, 4));
  EXPECT_THAT(MaskFromRle(rle),
              ElementsAre(0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1));
  EXPECT_EQ(RleArea(rle), 6);
  EXPECT_THAT(RleBox(rle), ElementsAre(0, 0, 4, 3));
  ASSERT_OK_AND_ASSIGN(const Rle square,
                       DecodeRleString("Zd?3mh0000fPob0", 800, 800));
  EXPECT_THAT(RleBox(square), ElementsAre(20, 10, 23, 13));
  EXPECT_EQ(RleArea(square), 9);
}

TEST(RleTest, AgreesWithPycocotools) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile("tests/data/masks/testdata/rle_golden.json"));
  ASSERT_OK_AND_ASSIGN(const nlohmann::json cases,
                       ParseStrictJson(text, "rle_golden.json"));
  ASSERT_EQ(cases.size(), 7u);
  for (const nlohmann::json& entry : cases) {
    std::vector<uint8_t> mask;
    for (const std::string row : entry["rows"]) {
      for (const char c : row) {
        mask.push_back(c == '1');
      }
    }
    const int height = entry["height"];
    const int width = entry["width"];
    const std::string counts = entry["counts"];
    EXPECT_EQ(EncodeRleString(RleFromMask(mask, height, width)), counts);
    ASSERT_OK_AND_ASSIGN(const Rle rle, DecodeRleString(counts, height, width));
    EXPECT_EQ(MaskFromRle(rle), mask);
    EXPECT_EQ(RleArea(rle), entry["area"].get<int64_t>());
  }
}

TEST(RleTest, RandomMasksRoundTripAndTheirBoxesFit) {
  Philox random(1, "rle_test");
  for (int trial = 0; trial < 300; ++trial) {
    const int height = 1 + static_cast<int>(random.NextBelow(20));
    const int width = 1 + static_cast<int>(random.NextBelow(20));
    const uint64_t density = 1 + random.NextBelow(40);
    std::vector<uint8_t> mask(height * width);
    std::array<int, 4> box = {width, height, 0, 0};
    for (int i = 0; i < height * width; ++i) {
      mask[i] = random.NextBelow(density) == 0;
      if (mask[i] != 0) {
        box = {std::min(box[0], i % width), std::min(box[1], i / width),
               std::max(box[2], i % width + 1),
               std::max(box[3], i / width + 1)};
      }
    }
    const int area = std::accumulate(mask.begin(), mask.end(), 0);
    if (area == 0) {
      box = {0, 0, 0, 0};
    }
    ASSERT_OK_AND_ASSIGN(
        const Rle rle,
        DecodeRleString(EncodeRleString(RleFromMask(mask, height, width)),
                        height, width));
    EXPECT_EQ(MaskFromRle(rle), mask);
    EXPECT_EQ(RleArea(rle), area);
    EXPECT_EQ(RleBox(rle), box);
  }
}

std::string ErrorOf(const std::string& text, int64_t height, int64_t width) {
  const absl::StatusOr<Rle> rle = DecodeRleString(text, height, width);
  EXPECT_THAT(rle, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(rle.status().message());
}

TEST(RleTest, BrokenStringsAreRefusedWithTheOffset) {
  EXPECT_THAT(ErrorOf("5p5", 3, 4), HasSubstr("offset 1: character code 112"));
  EXPECT_THAT(ErrorOf("5\n5", 3, 4), HasSubstr("character code 10"));
  EXPECT_THAT(ErrorOf("52P", 3, 4), HasSubstr("ends inside"));
  EXPECT_THAT(ErrorOf(std::string(14, 'P') + "0", 3, 4),
              HasSubstr("more than 13 groups"));
  EXPECT_THAT(ErrorOf("L", 3, 4), HasSubstr("run of -4"));
  EXPECT_THAT(ErrorOf("525", 3, 5), HasSubstr("add up to 12, must be 3 x 5"));
  EXPECT_THAT(ErrorOf("525", 2, 4), HasSubstr("run 2 is 5"));
  EXPECT_THAT(ErrorOf("", 3, 4), HasSubstr("add up to 0"));
  // The largest number of 13 groups; sums of such must not overflow.
  EXPECT_THAT(ErrorOf("0" + std::string(12, 'o') + "?", 3, 4),
              HasSubstr("offset 1"));
}

TEST(RleTest, SizesAreBounded) {
  EXPECT_THAT(ErrorOf("0", 0, 4), HasSubstr("mask of 0 x 4"));
  EXPECT_THAT(ErrorOf("0", -1, -4), HasSubstr("mask of -1"));
  EXPECT_THAT(ErrorOf("0", 8192, 8193), HasSubstr("67108864 pixels"));
  EXPECT_THAT(ErrorOf("0", int64_t{1} << 40, int64_t{1} << 40),
              HasSubstr("mask of"));
  EXPECT_THAT(
      MakeRle(1, 3, {1, -1, 3}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("run 1 is -1")));
}

TEST(RunListTest, AViewSharesMemoryAndKeepsItAlive) {
  auto memory = std::make_shared<std::vector<uint32_t>>(
      std::vector<uint32_t>{9, 5, 2, 5, 9});
  const std::weak_ptr<std::vector<uint32_t>> watch = memory;
  RunList view = RunList::View(absl::MakeSpan(*memory).subspan(1, 3), memory);
  EXPECT_EQ(view.begin(), memory->data() + 1) << "nothing is copied";
  memory.reset();
  const RunList copy = view;
  view = RunList();
  EXPECT_TRUE(view.empty());
  ASSERT_FALSE(watch.expired());
  EXPECT_THAT(copy, ElementsAre(5, 2, 5));
  EXPECT_EQ(copy, RunList({5, 2, 5}));
  EXPECT_FALSE(copy == RunList({5, 2}));
  EXPECT_EQ(copy[1], 2u);
  EXPECT_EQ(EncodeRleString({3, 4, copy}), "525");
}

TEST(RleTest, ResizesAsOpenCvDoes) {
  Philox random(5, "resize");
  for (const auto& [height, width, to_height, to_width] :
       {std::array<int, 4>{80, 80, 79, 80},
        {80, 80, 81, 80},
        {8, 5, 3, 11},
        {1, 1, 4, 7},
        {37, 53, 101, 7}}) {
    std::vector<uint8_t> mask(height * width);
    for (uint8_t& pixel : mask) {
      pixel = static_cast<uint8_t>(random.NextBelow(2));
    }
    const Rle resized =
        ResizeRleNearest(RleFromMask(mask, height, width), to_height, to_width);
    EXPECT_EQ(MaskFromRle(resized),
              ResizeNearest(mask, height, width, to_height, to_width))
        << height << " x " << width << " to " << to_height << " x " << to_width;
  }
}

TEST(RleTest, ARegionIsClearedAndNothingElse) {
  std::vector<uint8_t> mask(6, 1);
  ClearRegion(Rle(), absl::MakeSpan(mask));
  EXPECT_THAT(mask, ElementsAre(1, 1, 1, 1, 1, 1));
  // Of 2 x 3 the lower left, the upper middle.
  ClearRegion(Rle{2, 3, {1, 2, 3}}, absl::MakeSpan(mask));
  EXPECT_THAT(mask, ElementsAre(1, 0, 1, 0, 1, 1));
}

}  // namespace
}  // namespace transect
