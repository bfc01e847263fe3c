#include "tests/testing/status_matchers.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointee;
using ::testing::SizeIs;

TEST(StatusMatchers, Ok) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
  EXPECT_THAT(absl::DataLossError("torn"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(absl::DataLossError("torn")), Not(IsOk()));
}

TEST(StatusMatchers, OkAndHolds) {
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(3));
  EXPECT_THAT(absl::StatusOr<int>(3), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<std::string>("abc"), IsOkAndHolds("abc"));
  EXPECT_THAT((absl::StatusOr<std::vector<int>>({1, 2})),
              IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(absl::StatusOr<int>(absl::DataLossError("torn")),
              Not(IsOkAndHolds(3)));
}

TEST(StatusMatchers, OkAndHoldsTakesMoveOnlyValues) {
  EXPECT_THAT(absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(3)),
              IsOkAndHolds(Pointee(3)));
}

TEST(StatusMatchers, CodeAndMessage) {
  const absl::Status status = absl::NotFoundError("no file x");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "no file x"));
  EXPECT_THAT(absl::StatusOr<int>(status),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("file x")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(status,
              Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("y"))));
}

TEST(StatusMatchers, AssertAndAssign) {
  ASSERT_OK_AND_ASSIGN(const int value, absl::StatusOr<int>(7));
  EXPECT_EQ(value, 7);
}

}  // namespace
}  // namespace transect
