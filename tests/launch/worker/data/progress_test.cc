#include "launch/worker/data/progress.h"

#include <gtest/gtest.h>

namespace transect {
namespace {

TEST(PrintTenthsTest, SaysEachTenthOnceAndTheEnd) {
  testing::internal::CaptureStderr();
  const auto progress = PrintTenths("images");
  for (int done = 1; done <= 30; ++done) {
    progress(done, 30);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "3 of 30 images\n6 of 30 images\n9 of 30 images\n"
            "12 of 30 images\n15 of 30 images\n18 of 30 images\n"
            "21 of 30 images\n24 of 30 images\n27 of 30 images\n"
            "30 of 30 images\n");
}

TEST(PrintTenthsTest, SaysNothingOfNothing) {
  testing::internal::CaptureStderr();
  PrintTenths("images")(0, 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace transect
