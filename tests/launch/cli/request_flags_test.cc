#include "launch/cli/request_flags.h"

#include <string>

#include "CLI/CLI.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RequestFlagsTest : public ::testing::Test {
 protected:
  RequestFlagsTest() {
    AddField(&app_, "DIR", "data", &gallery_, "Root.");
    AddField(&app_, "--split", "split", &gallery_, "Splits.");
    AddField(&app_, "--limit", "limit", &gallery_, "Most.");
    AddField(&app_, "--format-of-data", "format", &gallery_, "Layout.");
    AddFormatField(&app_, "output", &check_, "Output.");
    AddFlagField(&app_, "--overwrite", "overwrite", &predict_, "Replace.");
  }

  CLI::App app_;
  GalleryRequest gallery_;
  CheckDataRequest check_;
  PredictRequest predict_;
};

TEST_F(RequestFlagsTest, FlagsThatAreNotGivenLeaveTheirFieldsAbsent) {
  app_.parse("", false);
  EXPECT_THAT(gallery_, EqualsProto(GalleryRequest()));
  EXPECT_THAT(check_, EqualsProto(CheckDataRequest()));
}

TEST_F(RequestFlagsTest, FlagsSetTheirFields) {
  app_.parse(
      "there --split val --split test --limit 7 --format-of-data JSONL "
      "--format json",
      false);
  GalleryRequest expected;
  expected.set_data("there");
  expected.add_split("val");
  expected.add_split("test");
  expected.set_limit(7);
  expected.set_format(FoundDataset::JSONL);
  EXPECT_THAT(gallery_, EqualsProto(expected));
  EXPECT_EQ(check_.output(), CheckDataRequest::JSON);
}

TEST_F(RequestFlagsTest, AFlagWithoutAValue) {
  app_.parse("there", false);
  EXPECT_FALSE(predict_.has_overwrite());
  app_.parse("there --overwrite", false);
  EXPECT_TRUE(predict_.overwrite());
}

TEST_F(RequestFlagsTest, AnEmptyStringIsAbsent) {
  app_.parse("''", false);
  EXPECT_FALSE(gallery_.has_data());
}

TEST_F(RequestFlagsTest, HelpHasTheDefaultsOfTheSchemaAndTheWords) {
  EXPECT_THAT(
      app_.help(),
      AllOf(HasSubstr("Most. Default: 200."),
            HasSubstr("Layout. Default: RRSISD."),
            HasSubstr("{RRSISD,REFSEGRS,RISBENCH,JSONL}"),
            HasSubstr("Output. Default: text."), HasSubstr("{text,json}"),
            Not(HasSubstr("UNSPECIFIED")), Not(HasSubstr("Root. Default"))));
}

TEST_F(RequestFlagsTest, OtherWordsAreRefused) {
  for (const char* words :
       {"--format-of-data UNSPECIFIED", "--format-of-data jsonl",
        "--format TEXT", "--limit many", "--limit 1.5"}) {
    EXPECT_THROW(app_.parse(words, false), CLI::ParseError) << words;
  }
}

}  // namespace
}  // namespace transect
