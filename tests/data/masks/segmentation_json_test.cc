#include "data/masks/segmentation_json.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/masks/rle.h"
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

TEST(SegmentationJsonTest, PolygonsHaveThePixelsOfPycocotools) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile("tests/data/masks/testdata/polygon_golden.json"));
  ASSERT_OK_AND_ASSIGN(const nlohmann::json cases,
                       ParseStrictJson(text, "polygon_golden.json"));
  ASSERT_GT(cases.size(), 70u);
  for (const nlohmann::json& one : cases) {
    SCOPED_TRACE(one.dump());
    ASSERT_OK_AND_ASSIGN(
        const Rle rle,
        RleFromJson(one.at("segmentation"), {one.at("height").get<int64_t>(),
                                             one.at("width").get<int64_t>()}));
    EXPECT_EQ(EncodeRleString(rle), one.at("counts").get<std::string>());
    EXPECT_EQ(RleArea(rle), one.at("area").get<int64_t>());
  }
  // One polygon need not be in a list.
  ASSERT_OK_AND_ASSIGN(
      const Rle flat,
      RleFromJson(nlohmann::json::parse("[2, 3, 9, 3, 9, 8, 2, 8]"), {12, 16}));
  EXPECT_EQ(RleArea(flat), 35);
}

TEST(SegmentationJsonTest, SaysWhatIsWrongWithAPolygon) {
  const auto error = [](const char* text) {
    return std::string(
        RleFromJson(nlohmann::json::parse(text), {12, 16}).status().message());
  };
  EXPECT_THAT(std::string(Parse("[[1, 1, 5, 1, 5, 5]]").status().message()),
              HasSubstr("is a polygon, which needs the height and width"));
  EXPECT_THAT(
      error("[[1, 1, 5, 1]]"),
      HasSubstr("polygon 0: a polygon of 2 corners, must be 3 or more"));
  EXPECT_THAT(
      error("[[1, 1, 5, 1, 5, 5], [1, 2, 3, 4, 5, 6, 7]]"),
      HasSubstr("polygon 1: a polygon of 7 coordinates, must be pairs"));
  EXPECT_THAT(error("[[1, 1, 5, 1, 5, \"5\"]]"),
              HasSubstr("coordinate 5 is of type string"));
  EXPECT_THAT(error("[[1, 1, 5, 1, 5, 5], 7]"),
              HasSubstr("polygon 1 is of type number, must be an array"));
  EXPECT_THAT(error("[[1, 1, 5, 1, 5, 1e300]]"),
              HasSubstr("coordinate 1e+300, must be -100000 to 100000"));
  // 300 times there and back is longer than any outline of an image.
  std::string zigzag = "[[";
  for (int i = 0; i < 300; ++i) zigzag += "-99999, 0, 99999, 1, ";
  zigzag += "0, 5]]";
  EXPECT_THAT(error(zigzag.c_str()), HasSubstr("an outline of"));
  // Lines across all columns, a row and a half apart: some 2 million runs each.
  std::string across = "[0, 0";
  for (int i = 1; i < 1300; ++i) {
    absl::StrAppend(&across, i % 2 == 0 ? ", 0, " : ", 2000, ", i * 1.5);
  }
  across += "]";
  EXPECT_THAT(std::string(RleFromJson(nlohmann::json::parse(absl::StrCat(
                                          "[", across, ",", across, "]")),
                                      {2000, 2000})
                              .status()
                              .message()),
              HasSubstr("make more than 2097152 runs"));
  EXPECT_THAT(std::string(RleFromJson(nlohmann::json::parse("[[1,1,2,2,3,3]]"),
                                      {100000, 100000})
                              .status()
                              .message()),
              HasSubstr("at most"));
}

TEST(SegmentationJsonTest, CountsThatArePrintedBytesAreSaidToBe) {
  for (const char* counts : {"\"b'254L'\"", "\"b\\\"254L\\\"\""}) {
    const std::string text =
        absl::StrCat(R"({"size": [3, 4], "counts": )", counts, "}");
    EXPECT_THAT(std::string(Parse(text).status().message()),
                HasSubstr("the printed form of Python bytes (b'...'): write "
                          "counts.decode(\"ascii\")"))
        << text;
  }
  // "b" is a character of run lengths, too.
  EXPECT_THAT(
      std::string(
          Parse(R"({"size": [3, 4], "counts": "b"})").status().message()),
      HasSubstr("run-length string"));
}

}  // namespace
}  // namespace transect
