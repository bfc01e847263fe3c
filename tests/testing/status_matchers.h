/// \file
/// Matchers for absl::Status and absl::StatusOr<T>, with the meaning of those
/// in newer versions of Abseil.
///
///     EXPECT_THAT(Write(path), IsOk());
///     EXPECT_THAT(Count(path), IsOkAndHolds(3));
///     EXPECT_THAT(List(path), IsOkAndHolds(SizeIs(2)));
///     EXPECT_THAT(Parse("rank: x"),
///                 StatusIs(absl::StatusCode::kInvalidArgument,
///                          HasSubstr("rank")));
///     // Ends the test on an error.
///     ASSERT_OK_AND_ASSIGN(const Spec spec, Parse(text));
#ifndef TRANSECT_TESTS_TESTING_STATUS_MATCHERS_H_
#define TRANSECT_TESTS_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace internal_testing {

inline const absl::Status& GetStatus(const absl::Status& status) {
  return status;
}

template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;

  StatusIsMatcher(testing::Matcher<absl::StatusCode> code,
                  testing::Matcher<std::string> message)
      : code_(std::move(code)), message_(std::move(message)) {}

  template <typename S>
  bool MatchAndExplain(const S& actual,
                       testing::MatchResultListener* listener) const {
    const absl::Status& status = GetStatus(actual);
    *listener << "which has the status " << status;
    return code_.Matches(status.code()) &&
           message_.Matches(std::string(status.message()));
  }
  void DescribeTo(std::ostream* os) const {
    *os << "has a status code that ";
    code_.DescribeTo(os);
    *os << " and a message that ";
    message_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "not (";
    DescribeTo(os);
    *os << ")";
  }

 private:
  testing::Matcher<absl::StatusCode> code_;
  testing::Matcher<std::string> message_;
};

class IsOkMatcher {
 public:
  using is_gtest_matcher = void;

  template <typename S>
  bool MatchAndExplain(const S& actual,
                       testing::MatchResultListener* listener) const {
    *listener << "which has the status " << GetStatus(actual);
    return GetStatus(actual).ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is not OK"; }
};

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  using is_gtest_matcher = void;

  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  template <typename S>
  bool MatchAndExplain(const S& actual,
                       testing::MatchResultListener* listener) const {
    if (!actual.ok()) {
      *listener << "which has the status " << actual.status();
      return false;
    }
    using Value = typename std::decay_t<S>::value_type;
    return testing::ExplainMatchResult(
        testing::SafeMatcherCast<const Value&>(inner_), *actual, listener);
  }
  void DescribeTo(std::ostream* os) const {
    *os << "is OK and holds what was expected";
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "is not OK or does not hold what was expected";
  }

 private:
  Inner inner_;
};

}  // namespace internal_testing

/// Matches an OK Status or StatusOr.
inline internal_testing::IsOkMatcher IsOk() { return {}; }

/// Matches an OK StatusOr whose value matches `inner`.
template <typename Inner>
internal_testing::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(
    Inner&& inner) {
  return internal_testing::IsOkAndHoldsMatcher<std::decay_t<Inner>>(
      std::forward<Inner>(inner));
}

/// Matches a Status or StatusOr by its code and, if given, its message.
inline internal_testing::StatusIsMatcher StatusIs(
    testing::Matcher<absl::StatusCode> code,
    testing::Matcher<std::string> message = testing::A<std::string>()) {
  return {std::move(code), std::move(message)};
}

}  // namespace transect

/// Declares or assigns `lhs` from `expr`, a StatusOr; an error fails the test
/// and returns from it.
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  TRANSECT_TESTING_ASSIGN_(             \
      TRANSECT_TESTING_JOIN_(transect_testing_value_, __LINE__), lhs, expr)
#define TRANSECT_TESTING_ASSIGN_(value, lhs, expr) \
  auto value = (expr);                             \
  ASSERT_TRUE(value.ok()) << value.status();       \
  lhs = *std::move(value)
#define TRANSECT_TESTING_JOIN_(a, b) TRANSECT_TESTING_JOIN_2_(a, b)
#define TRANSECT_TESTING_JOIN_2_(a, b) a##b

#endif  // TRANSECT_TESTS_TESTING_STATUS_MATCHERS_H_
