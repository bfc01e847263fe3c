#include "experiments/reading/list_text.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SplitListTest, CommasSeparateValues) {
  for (const char* text : {"8,16", "8, 16", " 8 ,16 ", "[8,16]", "[ 8, 16 ]",
                           "[\"8\", '16']", "\"8\",16"}) {
    EXPECT_THAT(SplitList(text), IsOkAndHolds(ElementsAre("8", "16"))) << text;
  }
  EXPECT_THAT(SplitList("8"), IsOkAndHolds(ElementsAre("8")));
}

TEST(SplitListTest, QuotesKeepCommasAndSpaces) {
  EXPECT_THAT(SplitList("[\"a, b\", 'c \\'d\\'', \"\"]"),
              IsOkAndHolds(ElementsAre("a, b", "c 'd'", "")));
  EXPECT_THAT(SplitList("a b"), IsOkAndHolds(ElementsAre("a b")));
}

TEST(SplitListTest, WhatIsNoListIsAnError) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "has no value"},         {"[ ]", "has no value"},
      {"8,", "has an empty value"}, {",8", "has an empty value"},
      {"8,,16", "an empty value"},  {"[8", "has no ] at its end"},
      {"\"8", "a quote that does"}, {"\"8\\\"", "a quote that does"},
      {"'8' 9", "has no comma"},    {"\"\\q\"", "has a wrong escape"},
  };
  for (const auto& [text, what] : wrong) {
    EXPECT_THAT(SplitList(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)))
        << text;
  }
}

}  // namespace
}  // namespace transect
