#include "data/io/strict_json.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<json> parsed = ParseStrictJson(text, "a.json");
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(parsed.status().message());
}

TEST(StrictJsonTest, ReadsEveryKindOfValue) {
  const std::string text =
      R"({"a": [1, -2, 2.5, "x\\y", null, true, {}, []], "b": {"c": "é"}})";
  ASSERT_OK_AND_ASSIGN(const json value, ParseStrictJson(text, "a.json"));
  EXPECT_EQ(value, json::parse(text));
  EXPECT_THAT(JsonString(value["b"], "c"), IsOkAndHolds(std::string("é")));
}

TEST(StrictJsonTest, ErrorsAreLocated) {
  EXPECT_THAT(ErrorOf("{\n \"a\": ]\n}"), HasSubstr("a.json:2:7: "));
  EXPECT_THAT(ErrorOf(""), HasSubstr("a.json:1:1: "));
}

TEST(StrictJsonTest, RefusesWhatLenientParsersLetPass) {
  EXPECT_THAT(ErrorOf(R"({"a": 1, "a": 2})"),
              HasSubstr("a.json:1:10: key \"a\" occurs twice"));
  EXPECT_THAT(ErrorOf("{\n  \"n\": 9223372036854775808\n}"),
              HasSubstr("a.json:2:8: integer"));
  EXPECT_THAT(ErrorOf("[9223372036854775808]"), HasSubstr("64 bits"));
  EXPECT_THAT(ErrorOf("[-9223372036854775809]"), HasSubstr("64 bits"));
  EXPECT_THAT(ErrorOf("[123456789012345678901234567890]"),
              HasSubstr("64 bits"));
  EXPECT_THAT(ErrorOf("[] []"), HasSubstr("a.json:1:4"));
  EXPECT_THAT(ErrorOf("[NaN]"), HasSubstr("a.json:1:"));
  EXPECT_THAT(ErrorOf("[1e999]"), HasSubstr("a.json"));
  EXPECT_THAT(ErrorOf("[\"\xFF\"]"), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf("[1,]"), HasSubstr("a.json:1:4"));
}

TEST(StrictJsonTest, AByteOrderMarkBeforeTheTextIsSkipped) {
  EXPECT_THAT(ParseStrictJson("\xEF\xBB\xBF[1]", "a.json"),
              IsOkAndHolds(json({1})));
  EXPECT_THAT(ErrorOf("\xEF\xBB\xBF[1,]"), HasSubstr("a.json:1:4: "));
}

TEST(StrictJsonTest, ColumnsAreCodePointsAndRowsHaveTheirLine) {
  EXPECT_THAT(ErrorOf("[\"±±\", ]"), HasSubstr("a.json:1:8: "));
  EXPECT_THAT(ParseStrictJson("[1,]", "rows.jsonl", 7),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("rows.jsonl:7:4: ")));
}

TEST(StrictJsonTest, AFileThatIsNoJsonAtAllIsCalledWhatItIs) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("a.json:1:1: is empty"));
  EXPECT_THAT(ErrorOf("version https://git-lfs.github.com/spec/v1\noid sha"),
              HasSubstr("is a Git LFS pointer"));
  EXPECT_THAT(ErrorOf("\n<!DOCTYPE HTML>\n"), HasSubstr("is a web page"));
}

TEST(StrictJsonTest, ErrorsDoNotRepeatAWholeFile) {
  EXPECT_LT(ErrorOf("[\"" + std::string(1'000'000, 'x')).size(), 500u);
  EXPECT_LT(ErrorOf("[" + std::string(1'000'000, '9') + "]").size(), 500u);
}

TEST(StrictJsonTest, DepthIsBounded) {
  const std::string open(kMaxJsonDepth, '[');
  const std::string close(kMaxJsonDepth, ']');
  EXPECT_THAT(ParseStrictJson(absl::StrCat(open, close), "deep"), IsOk());
  EXPECT_THAT(ErrorOf(absl::StrCat("[", open, close, "]")),
              HasSubstr("deeper than 32"));
  EXPECT_THAT(ErrorOf(std::string(10'000'000, '[')), HasSubstr("deeper"));
}

TEST(StrictJsonTest, MembersOfAnotherTypeAreNamed) {
  const json object = {{"n", 3}, {"s", "x"}, {"f", 1.5}, {"a", json::array()}};
  EXPECT_THAT(JsonInt(object, "n"), IsOkAndHolds(3));
  EXPECT_THAT(JsonArray(object, "a"), IsOk());
  EXPECT_THAT(JsonInt(object, "f").status().message(),
              HasSubstr("\"f\" is of type number, must be an integer"));
  EXPECT_THAT(JsonString(object, "n").status().message(),
              HasSubstr("must be a string"));
  EXPECT_THAT(JsonArray(object, "s").status().message(),
              HasSubstr("must be array"));
  EXPECT_THAT(JsonMember(object, "z").status().message(),
              HasSubstr("has no \"z\""));
  EXPECT_THAT(JsonMember(json(3), "z").status().message(),
              HasSubstr("must be object"));
}

}  // namespace
}  // namespace transect
