// The first hour of somebody new, as README and docs tell it: every command of
// walk.txt prints what it says there.
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/walk_script.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(WalkScript, CommandsOutputsAndExitCodesAreToldApart) {
  const std::vector<WalkStep> steps = ParseWalk(
      "# Prose.\n\n$ cat > f <<E\n> a\n> E\n\n# More.\n$ b\n\none\n\n"
      "two\n? 2\n");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].command, "cat > f <<E\na\nE");
  EXPECT_EQ(steps[0].line, 3);
  EXPECT_TRUE(steps[0].expected.empty());
  EXPECT_EQ(steps[1].expected, (std::vector<std::string>{"one", "", "two"}));
  EXPECT_EQ(steps[1].exit_code, 2);
}

TEST(WalkScript, WhatDiffersIsAMismatch) {
  const WalkStep step = ParseWalk("$ c\na … c…\n…\nz\n? 1\n")[0];
  EXPECT_EQ(Mismatch(step, "a b c\nz\n", 1), "");
  EXPECT_EQ(Mismatch(step, "a b cd \nx\nz\ny\nz\n", 1), "");
  EXPECT_THAT(Mismatch(step, "a b c\nz\n", 0), HasSubstr("exit code 0, not 1"));
  EXPECT_THAT(Mismatch(step, "a b d\nz\n", 1), HasSubstr("not found: a … c…"));
  EXPECT_THAT(Mismatch(step, "a b c\nx\n", 1), HasSubstr("not found: z"));
  EXPECT_THAT(Mismatch(step, "a b c\nz\nx\n", 1),
              HasSubstr("more output than expected"));
  EXPECT_THAT(Mismatch(step, "x\na b c\nz\n", 1), HasSubstr("not found: a"));
}

// A folder as that of the source tree, and a home without a site file.
std::string PrepareFolder() {
  const std::string folder = NewDir();
  fs::create_directory_symlink(fs::absolute("experiments"),
                               folder + "/experiments");
  fs::copy_file("tests/e2e/tiny.textproto", folder + "/tiny.textproto");
  setenv("TRANSECT", fs::absolute("launch/cli/transect").c_str(), 1);
  setenv("HOME", NewDir().c_str(), 1);
  for (const char* name :
       {"TRANSECT_SITE", "TRANSECT_STORE", "BUILD_WORKING_DIRECTORY",
        "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "COLUMNS"}) {
    unsetenv(name);
  }
  return folder;
}

TEST(Walk, EveryCommandPrintsWhatIsWritten) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile("tests/e2e/walk.txt"));
  const std::vector<WalkStep> steps = ParseWalk(text);
  ASSERT_GT(steps.size(), 20u);
  const std::string folder = PrepareFolder();
  const std::string script = NewDir() + "/script";
  for (const WalkStep& step : steps) {
    Put(script, absl::StrCat("cd '", folder, "'\n",
                             "transect() { \"$TRANSECT\" \"$@\"; }\n",
                             step.command, "\n"));
    const int status = system(
        absl::StrCat("bash ", script, " > ", script, ".out 2>&1").c_str());
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_OK_AND_ASSIGN(const std::string output, ReadFile(script + ".out"));
    const std::string mismatch = Mismatch(step, output, WEXITSTATUS(status));
    EXPECT_TRUE(mismatch.empty()) << "walk.txt, " << mismatch;
  }
}

}  // namespace
}  // namespace transect
