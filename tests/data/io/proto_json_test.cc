#include "data/io/proto_json.h"

#include <string>

#include "data/data.pb.h"
#include "data/io/terminal_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ProtoJsonTest, IsProto3Json) {
  SynthesisSpec spec;
  spec.set_style(SynthesisSpec::NATURAL);
  spec.set_seed(18446744073709551615u);
  spec.set_distractor_fraction(0.1);
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(spec));
  EXPECT_THAT(json, AllOf(StartsWith("{\n \"style\": \"NATURAL\",\n"
                                     " \"seed\": \"18446744073709551615\",\n"),
                          HasSubstr(" \"distractorFraction\": 0.1,\n"),
                          // Where it is zero too.
                          HasSubstr(" \"testImages\": 0,\n"), EndsWith("}\n")));
}

TEST(ProtoJsonTest, WhatActsOnATerminalIsEscapedAndReadsBack) {
  const std::string role = "\x1b]0;x\x07\u202e\u2066\u009b\U000e0041</script>";
  DataSpec spec;
  spec.mutable_found()->set_role(role);
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(spec));
  EXPECT_EQ(TerminalSafe(json), json);
  EXPECT_EQ(nlohmann::json::parse(json)["found"]["role"], role);
}

TEST(ProtoJsonTest, BytesThatAreNotUtf8BecomeReplacements) {
  DataSpec spec;
  spec.mutable_found()->set_role(
      "a\xFF"
      "b");
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(spec));
  EXPECT_EQ(nlohmann::json::parse(json)["found"]["role"], "a\uFFFDb");
}

}  // namespace
}  // namespace transect
