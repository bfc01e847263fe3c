#include "tests/testing/proto_matchers.h"

#include "gmock/gmock.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::protobuf::Duration Duration(int seconds) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  return duration;
}

TEST(EqualsProto, ComparesWithText) {
  EXPECT_THAT(Duration(3), EqualsProto("seconds: 3"));
  EXPECT_THAT(Duration(3), Not(EqualsProto("seconds: 4")));
  EXPECT_THAT(Duration(3), Not(EqualsProto("nonsense: 4")));
}

TEST(EqualsProto, ComparesWithMessage) {
  EXPECT_THAT(Duration(3), EqualsProto(Duration(3)));
  EXPECT_THAT(Duration(3), Not(EqualsProto(Duration(4))));
  EXPECT_THAT(Duration(0), Not(EqualsProto(google::protobuf::Timestamp())));
}

TEST(EqualsProto, NanEqualsNan) {
  google::protobuf::DoubleValue value;
  value.set_value(__builtin_nan(""));
  EXPECT_THAT(value, EqualsProto(value));
}

TEST(EqualsProto, ExplainsWhatDiffers) {
  testing::StringMatchResultListener listener;
  EXPECT_FALSE(
      EqualsProto("seconds: 4").MatchAndExplain(Duration(3), &listener));
  EXPECT_THAT(listener.str(), HasSubstr("seconds: 4 -> 3"));
}

}  // namespace
}  // namespace transect
