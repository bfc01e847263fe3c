#include "third_party/absl_polyfill/status_macros.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

absl::Status Fail() { return absl::NotFoundError("no file"); }

absl::StatusOr<std::pair<int, std::string>> Pair() {
  return std::pair<int, std::string>(1, "b");
}

TEST(ReturnIfError, GoesOnWithoutError) {
  const auto f = []() -> absl::Status {
    TRANSECT_RETURN_IF_ERROR(absl::OkStatus()) << "context";
    return absl::InternalError("reached");
  };
  EXPECT_THAT(f(), StatusIs(absl::StatusCode::kInternal, "reached"));
}

TEST(ReturnIfError, ReturnsTheErrorUnchanged) {
  const auto f = []() -> absl::Status {
    TRANSECT_RETURN_IF_ERROR(Fail());
    return absl::OkStatus();
  };
  EXPECT_EQ(f(), Fail());
}

TEST(ReturnIfError, AppendsContextAndKeepsPayloads) {
  const auto f = []() -> absl::Status {
    absl::Status status = Fail();
    status.SetPayload("url", absl::Cord("payload"));
    TRANSECT_RETURN_IF_ERROR(status) << "while reading " << 3;
    return absl::OkStatus();
  };
  EXPECT_THAT(
      f(), StatusIs(absl::StatusCode::kNotFound, "no file; while reading 3"));
  EXPECT_EQ(f().GetPayload("url"), absl::Cord("payload"));
}

TEST(ReturnIfError, IsOneStatementAndConvertsToStatusOr) {
  const auto f = [](bool fail) -> absl::StatusOr<std::unique_ptr<int>> {
    // NOLINTBEGIN(readability-braces-around-statements): braces would hide a
    // macro of two statements.
    if (fail)
      TRANSECT_RETURN_IF_ERROR(Fail()) << "here";
    else
      TRANSECT_RETURN_IF_ERROR(absl::OkStatus());
    // NOLINTEND(readability-braces-around-statements)
    return std::make_unique<int>(1);
  };
  EXPECT_THAT(f(false), IsOk());
  EXPECT_THAT(f(true), StatusIs(absl::StatusCode::kNotFound, "no file; here"));
}

TEST(AssignOrReturn, DeclaresAssignsAndMoves) {
  const auto f = []() -> absl::StatusOr<int> {
    TRANSECT_ASSIGN_OR_RETURN(
        std::unique_ptr<int> p,
        absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(4)));
    int n = 0;
    TRANSECT_ASSIGN_OR_RETURN(n, absl::StatusOr<int>(*p + 1));
    TRANSECT_ASSIGN_OR_RETURN((const auto [a, b]), Pair());
    return n + a + static_cast<int>(b.size());
  };
  EXPECT_THAT(f(), IsOkAndHolds(7));
}

TEST(AssignOrReturn, ReturnsTheErrorWithContext) {
  const auto f = []() -> absl::Status {
    TRANSECT_ASSIGN_OR_RETURN([[maybe_unused]] const int n,
                              absl::StatusOr<int>(Fail()),
                              _ << "in "
                                << "a.textproto");
    return absl::OkStatus();
  };
  EXPECT_THAT(f(),
              StatusIs(absl::StatusCode::kNotFound, "no file; in a.textproto"));
}

TEST(AssignOrReturn, MayReturnAnotherStatus) {
  const auto f = []() -> absl::Status {
    TRANSECT_ASSIGN_OR_RETURN([[maybe_unused]] const int n,
                              absl::StatusOr<int>(Fail()),
                              absl::InternalError("other"));
    return absl::OkStatus();
  };
  EXPECT_THAT(f(), StatusIs(absl::StatusCode::kInternal, "other"));
}

}  // namespace
}  // namespace transect
