#include "data/io/file_fault.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(FileFaultTest, ReadsOperationTextCountAndWhat) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<FileFault> faults,
      ParseFileFaults("write weights 3 28; rename result * kill"));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].operation, "write");
  EXPECT_EQ(faults[0].text, "weights");
  EXPECT_EQ(faults[0].nth, 3);
  EXPECT_EQ(faults[0].error, 28);
  EXPECT_EQ(faults[1].nth, 0);
  EXPECT_EQ(faults[1].signal, SIGKILL);
}

TEST(FileFaultTest, WhatItCannotReadIsNoFault) {
  for (const char* text :
       {"", "write", "write x 0 28", "write x 1 ENOSPC", "wriet x 1 28",
        "write x 1 28 more", "write x 1 28;", "write x 1 -28"}) {
    EXPECT_THAT(ParseFileFaults(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("must be OPERATION TEXT N WHAT")))
        << text;
  }
}

// Death tests begin a new process, which reads the variable anew.
class FileFaultDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  void TearDown() override { unsetenv("TRANSECT_FILE_FAULT"); }

  static void Ask(const char* fault) {
    setenv("TRANSECT_FILE_FAULT", fault, /*overwrite=*/1);
  }
};

// The number of the first expectation that does not hold; 0 for none.
int WriteThrice(const std::string& path) {
  if (!WriteFileAtomic(path, "first").ok()) return 1;
  if (!absl::IsResourceExhausted(WriteFileAtomic(path, "second"))) return 2;
  const absl::StatusOr<std::string> kept = ReadFile(path);
  if (!kept.ok() || *kept != "first") return 3;
  return WriteFileAtomic(path, "third").ok() ? 0 : 4;
}

TEST_F(FileFaultDeathTest, TheNthCallFailsAndTheOldFileStays) {
  const std::string path = absl::StrCat(testing::TempDir(), "/faulty");
  Ask("write faulty 2 28");
  EXPECT_EXIT(_exit(WriteThrice(path)), testing::ExitedWithCode(0), "");
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("third"));
}

TEST_F(FileFaultDeathTest, AKillComesBeforeTheCall) {
  const std::string path = absl::StrCat(testing::TempDir(), "/killed");
  Ask("rename killed 1 kill");
  EXPECT_EXIT(_exit(WriteFileAtomic(path, "never").ok() ? 0 : 1),
              testing::KilledBySignal(SIGKILL), "");
  EXPECT_FALSE(FileExists(path));
}

TEST_F(FileFaultDeathTest, AFaultThatCannotBeReadEndsTheProcess) {
  const std::string path = absl::StrCat(testing::TempDir(), "/nonsense");
  Ask("nonsense");
  EXPECT_DEATH(WriteFileAtomic(path, "").IgnoreError(),
               "must be OPERATION TEXT N WHAT");
}

}  // namespace
}  // namespace transect
