#include "tools/build_info/build_info.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::MatchesRegex;

TEST(BuildInfo, IsComplete) {
  const BuildInfo info = GetBuildInfo();
  EXPECT_THAT(info.version, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(info.commit, MatchesRegex("unknown|[0-9a-f]{40}"));
  if (info.commit == "unknown") {
    EXPECT_FALSE(info.dirty);
  }
}

}  // namespace
}  // namespace transect
