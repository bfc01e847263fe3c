#include "data/io/proto_json.h"

#include <string>

#include "data/data.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

}  // namespace
}  // namespace transect
