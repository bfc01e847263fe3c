#include <string>

#include "analysis/report.pb.h"
#include "data/io/proto_json.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/analysis/sample_report.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(ReportJson, ReadsBackAsTheReport) {
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(SampleReport()));
  ComparisonReport back;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &back).ok());
  EXPECT_THAT(back, EqualsProto(SampleReport()));
  EXPECT_EQ(json.back(), '\n');
}

TEST(ReportJson, ScriptsFindWhatTheyLookFor) {
  ASSERT_OK_AND_ASSIGN(const std::string text, PrintProtoJson(SampleReport()));
  const nlohmann::json json = nlohmann::json::parse(text);
  const nlohmann::json& table = json["tables"][0];
  EXPECT_EQ(table["items"], "10");
  EXPECT_EQ(table["rows"][0]["isBase"], true);
  EXPECT_EQ(table["rows"][1]["isBase"], false);
  const nlohmann::json& giou = table["rows"][1]["metrics"][6];
  EXPECT_EQ(giou["kind"], "GIOU");
  EXPECT_EQ(giou["mean"], SampleReport().tables(0).rows(1).metrics(6).mean())
      << "all digits";
  EXPECT_EQ(giou["values"][0]["seed"], "1");
  EXPECT_FALSE(giou.contains("sampleSd")) << "one seed has no deviation";
  EXPECT_EQ(table["rows"][1]["missingSeeds"][0], "2");
  EXPECT_EQ(table["rows"][1]["runs"][1]["missing"],
            "failed: the loss became infinite");
}

}  // namespace
}  // namespace transect
