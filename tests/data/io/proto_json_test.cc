#include "data/io/proto_json.h"

#include <string>

#include "data/data.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(ProtoJsonTest, IsProto3Json) {
  SynthesisSpec spec;
  spec.set_style(SynthesisSpec::NATURAL);
  spec.set_seed(18446744073709551615u);
  spec.set_distractor_fraction(0.1);
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(spec));
  EXPECT_EQ(json,
            "{\n"
            " \"style\": \"NATURAL\",\n"
            " \"seed\": \"18446744073709551615\",\n"
            " \"distractorFraction\": 0.1\n"
            "}\n");
}

}  // namespace
}  // namespace transect
