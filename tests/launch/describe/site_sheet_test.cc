#include "launch/describe/site_sheet.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(SiteSheetTest, TheNamesOfFieldsTellASiteFileFromAnExperiment) {
  EXPECT_TRUE(LooksLikeSite("# A comment.\n\ndata { role: 'a' path: 'b' }\n"));
  EXPECT_TRUE(LooksLikeSite("stor: 'x'\n  gpu: '0'\n"));
  EXPECT_FALSE(LooksLikeSite("name: 'x'\nbase {\n  data {\n"));
  EXPECT_FALSE(LooksLikeSite("base {\n  data { found {} } }\n"));
  EXPECT_FALSE(LooksLikeSite(""));
}

TEST(SiteSheetTest, SaysWhatEachRoleIsAndWhetherItIsThere) {
  const std::string dir = NewDir();
  const std::string path = dir + "/site.textproto";
  Put(dir + "/here", "");
  Put(path,
      "store: 'store'\ndata { role: 'a' path: 'here' }\n"
      "weights { role: 'sam-b' path: 'there' }\ngpu: ['0', '1']\n"
      "gpu_memory_bytes: 9\nlease_seconds: 600\n");
  EXPECT_THAT(
      DescribeSite(path),
      IsOkAndHolds(absl::StrCat(
          path,
          ": a site file: where this machine keeps what experiments name by "
          "role (docs/site_file.md)\n"
          "  store    ",
          dir, "/store (does not exist)\n  data     a  ", dir,
          "/here\n  weights  sam-b  ", dir,
          "/there (does not exist)\n  gpus     0, 1\n           9 bytes of "
          "memory each\n  lease    600 s\n")));
  Put(path, "data { role: 'a' }\n");
  EXPECT_THAT(DescribeSite(path), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("has no path")));
}

}  // namespace
}  // namespace transect
