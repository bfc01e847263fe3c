/// \file
/// Matchers for protobuf messages.
///
///     EXPECT_THAT(spec, EqualsProto(R"pb(rank: 16 alpha: 32)pb"));
///     EXPECT_THAT(Parse(text), IsOkAndHolds(EqualsProto(expected)));
///
/// Messages are equal if the same fields are set to the same values (presence
/// counts, NaN equals NaN). A mismatch prints the fields that differ, by path.
#ifndef TRANSECT_TESTS_TESTING_PROTO_MATCHERS_H_
#define TRANSECT_TESTS_TESTING_PROTO_MATCHERS_H_

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"

namespace transect {
namespace internal_testing {

class EqualsProtoMatcher {
 public:
  using is_gtest_matcher = void;

  explicit EqualsProtoMatcher(std::string text) : text_(std::move(text)) {}
  explicit EqualsProtoMatcher(const google::protobuf::Message& expected);

  bool MatchAndExplain(const google::protobuf::Message& actual,
                       testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  // The expected message, or where it is null its text: the type is known only
  // when a message arrives.
  std::shared_ptr<const google::protobuf::Message> expected_;
  std::string text_;
};

}  // namespace internal_testing

/// Matches a message equal to `expected`. A message of another type, or a text
/// that does not parse as the type of the message at hand, does not match.
inline internal_testing::EqualsProtoMatcher EqualsProto(
    absl::string_view expected_text) {
  return internal_testing::EqualsProtoMatcher(std::string(expected_text));
}
inline internal_testing::EqualsProtoMatcher EqualsProto(
    const google::protobuf::Message& expected) {
  return internal_testing::EqualsProtoMatcher(expected);
}

}  // namespace transect

#endif  // TRANSECT_TESTS_TESTING_PROTO_MATCHERS_H_
