#include "tests/testing/proto_matchers.h"

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace transect::internal_testing {

EqualsProtoMatcher::EqualsProtoMatcher(
    const google::protobuf::Message& expected) {
  std::shared_ptr<google::protobuf::Message> copy(expected.New());
  copy->CopyFrom(expected);
  text_ = expected.ShortDebugString();
  expected_ = std::move(copy);
}

bool EqualsProtoMatcher::MatchAndExplain(
    const google::protobuf::Message& actual,
    testing::MatchResultListener* listener) const {
  std::shared_ptr<const google::protobuf::Message> expected = expected_;
  if (expected == nullptr) {
    std::shared_ptr<google::protobuf::Message> parsed(actual.New());
    if (!google::protobuf::TextFormat::ParseFromString(text_, parsed.get())) {
      *listener << "and the expected text is not a valid "
                << actual.GetTypeName();
      return false;
    }
    expected = std::move(parsed);
  }
  if (expected->GetDescriptor() != actual.GetDescriptor()) {
    *listener << "which is a " << actual.GetTypeName() << ", not a "
              << expected->GetTypeName();
    return false;
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(*expected, actual);
  if (!equal) {
    *listener << "with these differences from what was expected:\n"
              << differences;
  }
  return equal;
}

void EqualsProtoMatcher::DescribeTo(std::ostream* os) const {
  *os << "equals " << text_;
}

void EqualsProtoMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "does not equal " << text_;
}

}  // namespace transect::internal_testing
