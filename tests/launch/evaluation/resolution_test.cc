#include "launch/evaluation/resolution.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/evaluation/eval_items.h"
#include "metrics/metric_log.pb.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

Rle Decoded(const nlohmann::json& counts, int height, int width) {
  const absl::StatusOr<Rle> rle =
      DecodeRleString(counts.get<std::string>(), height, width);
  EXPECT_THAT(rle, IsOk());
  return rle.value_or(Rle());
}

void ExpectCounts(const PixelCounts& counts, const nlohmann::json& expected) {
  EXPECT_EQ(counts.intersection(), expected[0]);
  EXPECT_EQ(counts.union_(), expected[1]);
}

// Against Pillow and numpy (testdata/make_resolution_fixture.py).
TEST(AtResolution, IsScoredAsByPillowAndNumpy) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile("tests/launch/evaluation/testdata/resolution_golden.json"));
  const nlohmann::json items = nlohmann::json::parse(text);
  ASSERT_GE(items.size(), 4u);
  for (const nlohmann::json& golden : items) {
    Sample sample;
    sample.image_height = golden["height"];
    sample.image_width = golden["width"];
    const auto decoded = [&](const char* name) {
      return Decoded(golden[name], sample.image_height, sample.image_width);
    };
    sample.mask = decoded("truth");
    sample.ignored = decoded("ignored");
    sample.objects_known = true;
    sample.others = {{.category_id = 0, .mask = decoded("other")}};
    const int side = golden["side"];
    SCOPED_TRACE(testing::Message() << sample.image_height << " x "
                                    << sample.image_width << " at " << side);

    const Sample scored = AtResolution(sample, side);
    EXPECT_EQ(scored.image_height, side);
    EXPECT_EQ(scored.image_width, side);
    EXPECT_EQ(RleArea(scored.ignored), golden["ignored_pixels"]);
    const EvalItem item = MakeEvalItem(
        scored, MaskFromRle(Decoded(golden["predicted"], side, side)));
    EXPECT_EQ(item.image_pixels(), int64_t{1} * side * side);
    EXPECT_EQ(item.target_area(), golden["target_area"]);
    ExpectCounts(item.prediction(), golden["prediction"]);
    ExpectCounts(item.distractor(), golden["distractor"]);
    ExpectCounts(item.all_objects(), golden["all_objects"]);
  }
}

TEST(AtResolution, KeepsWhatTheSampleIs) {
  Sample sample;
  sample.id = 7;
  sample.sentence = "The ship";
  sample.mask = RleFromMask(std::vector<uint8_t>{1, 0, 0, 0}, 2, 2);
  const Sample scored = AtResolution(sample, 4);
  EXPECT_EQ(scored.id, 7);
  EXPECT_EQ(scored.sentence, "The ship");
  EXPECT_EQ(RleArea(scored.mask), 4);
  EXPECT_EQ(scored.ignored.height, 0);
}

TEST(ContentAtResolution, IsAnotherOneAtEachResolution) {
  const std::string content(64, 'a');
  EXPECT_EQ(ContentAtResolution(content, 0), content);
  const std::string at_480 = ContentAtResolution(content, 480);
  EXPECT_EQ(at_480.size(), 64u);
  EXPECT_NE(at_480, content);
  EXPECT_NE(at_480, ContentAtResolution(content, 481));
  EXPECT_NE(at_480, ContentAtResolution(std::string(64, 'b'), 480));
}

}  // namespace
}  // namespace transect
