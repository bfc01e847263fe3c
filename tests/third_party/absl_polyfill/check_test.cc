#include "third_party/absl_polyfill/check.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(Check, PassesSilently) {
  TRANSECT_CHECK(true) << "not printed";
  TRANSECT_DCHECK(true);
  TRANSECT_CHECK_OK(absl::OkStatus()) << "not printed";
}

TEST(Check, IsOneStatement) {
  // NOLINTBEGIN(readability-braces-around-statements): braces would hide a
  // macro of two statements.
  if (false)
    TRANSECT_CHECK(false);
  else
    TRANSECT_CHECK(true);
  // NOLINTEND(readability-braces-around-statements)
}

TEST(CheckDeathTest, NamesPlaceConditionAndMessage) {
  EXPECT_DEATH(TRANSECT_CHECK(1 > 2) << "n = " << 7,
               "check_test.cc:[0-9]+: check failed: 1 > 2 n = 7");
}

TEST(CheckDeathTest, PrintsTheStatus) {
  EXPECT_DEATH(TRANSECT_CHECK_OK(absl::NotFoundError("no file")) << "in a",
               "NOT_FOUND: no file in a");
}

}  // namespace
}  // namespace transect
