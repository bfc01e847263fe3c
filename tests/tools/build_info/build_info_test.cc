#include "tools/build_info/build_info.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::MatchesRegex;

// Holds with and without --stamp.
TEST(BuildInfo, IsComplete) {
  const BuildInfo info = GetBuildInfo();
  EXPECT_THAT(info.version, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(info.commit, MatchesRegex("unstamped|[0-9a-f]+"));
  if (info.commit == "unstamped") {
    EXPECT_FALSE(info.dirty);
  }
}

}  // namespace
}  // namespace transect
