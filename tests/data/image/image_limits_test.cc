#include "data/image/image_limits.h"

#include <string>

#include "absl/status/status.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(ImageLimitsTest, SizesWithinTheLimitsPass) {
  EXPECT_THAT(CheckImageSize("a", 1, 1), IsOk());
  EXPECT_THAT(CheckImageSize("a", kMaxImageSide, 4096), IsOk());
  EXPECT_THAT(CheckImageSize("a", 4096, kMaxImageSide), IsOk());
}

TEST(ImageLimitsTest, SizesBeyondThemNameValueAndRange) {
  EXPECT_THAT(CheckImageSize("a.png", 0, 5),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "cannot decode a.png: it has 0 x 5 pixels, must be at "
                       "least 1 x 1 and at most 16384 per side and 67108864 in "
                       "all"));
  EXPECT_THAT(CheckImageSize("a", 16385, 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckImageSize("a", 8192, 8193),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckImageSize("a", uint64_t{1} << 32, uint64_t{1} << 32),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ImageLimitsTest, HeadersAreRead) {
  ASSERT_OK_AND_ASSIGN(const std::string png,
                       ReadFile("tests/data/image/testdata/color.png"));
  ASSERT_OK_AND_ASSIGN(const ImageHeader header, CheckImageHeader(png, "a"));
  EXPECT_EQ(header.height, 29u);
  EXPECT_EQ(header.width, 37u);
  EXPECT_THAT(CheckImageHeader(png.substr(0, png.size() - 1), "a"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("cannot decode a: it is cut off")));
  EXPECT_THAT(CheckImageHeader("GIF89a", "a"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("header is damaged")));
}

}  // namespace
}  // namespace transect
