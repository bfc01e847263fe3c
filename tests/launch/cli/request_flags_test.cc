#include "launch/cli/request_flags.h"

#include <string>

#include "CLI/CLI.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "tests/launch/testing/job_dirs.h"
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
    AddReadingFlags(&app_, &reading_);
    AddPolicyFlag(&app_, reading_.mutable_policy());
    AddFormatField(&app_, "output", &check_, "Output.");
    AddFlagField(&app_, "--overwrite", "overwrite", &predict_, "Replace.");
  }

  CLI::App app_;
  GalleryRequest gallery_;
  FoundDataset reading_;
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
      "--sentence-field RAW --ignored-label 255 --policy empty_mask=KEEP "
      "--policy image_missing=DROP --format json",
      false);
  GalleryRequest expected;
  expected.set_data("there");
  expected.add_split("val");
  expected.add_split("test");
  expected.set_limit(7);
  EXPECT_THAT(gallery_, EqualsProto(expected));
  FoundDataset reading;
  reading.set_format(FoundDataset::JSONL);
  reading.set_sentence_field(FoundDataset::RAW);
  reading.set_ignored_label(255);
  reading.mutable_policy()->set_empty_mask(DefectPolicy::KEEP);
  reading.mutable_policy()->set_image_missing(DefectPolicy::DROP);
  EXPECT_THAT(reading_, EqualsProto(reading));
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
            HasSubstr("(docs/site_file.md). Default: RRSISD."),
            HasSubstr("{SENT,RAW}"),
            HasSubstr("{RRSISD,REFSEGRS,RISBENCH,JSONL}"),
            HasSubstr("Output. Default: text."), HasSubstr("{text,json}"),
            Not(HasSubstr("UNSPECIFIED")), Not(HasSubstr("Root. Default"))));
}

TEST_F(RequestFlagsTest, OtherWordsAreRefused) {
  for (const char* words :
       {"--format-of-data UNSPECIFIED", "--format-of-data jsonl",
        "--format TEXT", "--limit many", "--limit 1.5",
        "--sentence-field SENTENCE_FIELD_UNSPECIFIED"}) {
    EXPECT_THROW(app_.parse(words, false), CLI::ParseError) << words;
  }
}

TEST_F(RequestFlagsTest, APolicyThatIsNoneIsRefusedWithWhatThereIs) {
  const auto message = [this](const std::string& words) -> std::string {
    try {
      app_.parse("--policy " + words, false);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("image_mising=DROP"),
              HasSubstr("did you mean \"image_missing\""));
  EXPECT_THAT(message("image_missing"), HasSubstr("must be KIND=ACTION"));
  EXPECT_THAT(message("image_missing=drop"),
              HasSubstr("the action must be ERROR or DROP"));
  EXPECT_THAT(message("image_missing=KEEP"),
              HasSubstr("is KEEP, must be ERROR or DROP"));
}

TEST_F(RequestFlagsTest, FlagsThatDoNotGoTogetherAreRefused) {
  app_.parse("--format-of-data RISBENCH --sentence-field RAW", false);
  EXPECT_THAT(
      CheckReading(reading_, "").message(),
      HasSubstr("--sentence-field is RAW, must be SENT where the layout is"));
  reading_.Clear();
  app_.parse("--ignored-label 255", false);
  EXPECT_THAT(CheckReading(reading_, "").message(),
              HasSubstr("--ignored-label is 255, must be 0"));
  reading_.Clear();
  app_.parse("--ignored-label 256 --format-of-data JSONL", false);
  EXPECT_THAT(CheckReading(reading_, "").message(), HasSubstr("256"));
}

TEST_F(RequestFlagsTest, TheLayoutThatIsThereIsNamed) {
  const std::string root = NewDir();
  EXPECT_EQ(CheckReading(reading_, root), absl::OkStatus());
  Put(root + "/datainfo/mine_val.jsonl", "");
  EXPECT_THAT(CheckReading(reading_, root).message(),
              AllOf(HasSubstr(root), HasSubstr("add --format-of-data JSONL")));
  reading_.set_format(FoundDataset::JSONL);
  EXPECT_EQ(CheckReading(reading_, root), absl::OkStatus());
}

}  // namespace
}  // namespace transect
