#include "data/masks/segmentation_json.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Rle> Parse(const std::string& text) {
  return RleFromJson(nlohmann::json::parse(text));
}

TEST(SegmentationJsonTest, CompressedUncompressedAndListOfOne) {
  for (const char* text : {R"({"size": [3, 4], "counts": "254L"})",
                           R"({"size": [3, 4], "counts": [2, 5, 4, 1]})",
                           R"([{"size": [3, 4], "counts": "254L"}])"}) {
    ASSERT_OK_AND_ASSIGN(const Rle rle, Parse(text));
    EXPECT_EQ(rle.height, 3);
    EXPECT_EQ(rle.width, 4);
    EXPECT_THAT(rle.runs, ElementsAre(2, 5, 4, 1)) << text;
  }
}

TEST(SegmentationJsonTest, SaysWhatIsWrong) {
  const auto error = [](const char* text) {
    return std::string(Parse(text).status().message());
  };
  EXPECT_THAT(error("[]"), HasSubstr("has 0 elements, must be 1"));
  EXPECT_THAT(error("3"), HasSubstr("is of type number, must be object"));
  EXPECT_THAT(error(R"({"counts": "<"})"), HasSubstr("has no \"size\""));
  EXPECT_THAT(error(R"({"size": [3, 4]})"), HasSubstr("has no \"counts\""));
  EXPECT_THAT(error(R"({"size": [3, 4.5], "counts": "<"})"),
              HasSubstr("must be [height, width]"));
  EXPECT_THAT(error(R"({"size": [3, 4], "counts": 12})"),
              HasSubstr("must be a string or an array of integers"));
  EXPECT_THAT(error(R"({"size": [3, 4], "counts": [5, "7"]})"),
              HasSubstr("\"counts\"[1] is of type string"));
  EXPECT_THAT(error(R"({"size": [3, 4], "counts": [5, -7]})"),
              HasSubstr("run 1 is -7"));
  EXPECT_THAT(error(R"({"size": [3, 4], "counts": [5, 6]})"),
              HasSubstr("runs add up to 11"));
  EXPECT_THAT(error(R"({"size": [100000, 100000], "counts": "0"})"),
              HasSubstr("at most"));
}

}  // namespace
}  // namespace transect
