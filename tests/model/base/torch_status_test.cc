#include "model/base/torch_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(TorchToStatus, PassesValuesAndStatusesOn) {
  EXPECT_THAT(TorchToStatus("adding", [] { return 1 + 1; }), IsOkAndHolds(2));
  EXPECT_THAT(TorchToStatus("nothing", [] {}), IsOk());
  EXPECT_THAT(
      TorchToStatus("looking", [] { return absl::NotFoundError("no file"); }),
      StatusIs(StatusCode::kNotFound, "no file"));
  EXPECT_THAT(TorchToStatus("both", [] { return absl::StatusOr<int>(3); }),
              IsOkAndHolds(3));
}

TEST(TorchToStatus, TellsWhatFailedWithoutTheBacktrace) {
  const absl::StatusOr<at::Tensor> sum = TorchToStatus("the sum", [] {
    return torch::ones({2, 3}).matmul(torch::ones({2, 3}));
  });
  EXPECT_THAT(sum, StatusIs(StatusCode::kInternal,
                            AllOf(HasSubstr("the sum: "), HasSubstr("2x3"),
                                  Not(HasSubstr("frame #")))));
}

TEST(TorchToStatus, GivesEveryExceptionItsCode) {
  const auto code_of = [](auto thrower) {
    return TorchToStatus("x",
                         [&]() -> int {
                           thrower();
                           return 0;
                         })
        .status()
        .code();
  };
  EXPECT_EQ(code_of([] { TORCH_CHECK_VALUE(false, "bad value"); }),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([] { TORCH_CHECK_INDEX(false, "bad index"); }),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([] { TORCH_CHECK_TYPE(false, "bad type"); }),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([] { TORCH_CHECK_NOT_IMPLEMENTED(false, "later"); }),
            StatusCode::kUnimplemented);
  EXPECT_EQ(code_of([] { TORCH_CHECK(false, "bug"); }), StatusCode::kInternal);
  EXPECT_EQ(code_of([] { torch::empty({int64_t{1} << 50}); }),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(code_of([] { throw std::bad_alloc(); }),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(code_of([] { throw std::runtime_error("other"); }),
            StatusCode::kInternal);
  EXPECT_EQ(code_of([] { throw 7; }), StatusCode::kInternal);
}

}  // namespace
}  // namespace transect
