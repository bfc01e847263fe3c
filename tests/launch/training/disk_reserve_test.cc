#include "launch/training/disk_reserve.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

int64_t FreeBytes(const std::string& directory) {
  struct statvfs info;
  EXPECT_EQ(statvfs(directory.c_str(), &info), 0);
  return static_cast<int64_t>(info.f_bavail) *
         static_cast<int64_t>(info.f_frsize);
}

TEST(DiskReserveTest, LeavesNoName) {
  const std::string dir = NewDir();
  ASSERT_OK_AND_ASSIGN(DiskReserve reserve, DiskReserve::Hold(dir, 1 << 20));
  EXPECT_TRUE(std::filesystem::is_empty(dir));
  const DiskReserve moved = std::move(reserve);
  reserve.Release();
}

TEST(DiskReserveTest, MoreThanThereIsIsRefusedWithBothNumbers) {
  const std::string dir = NewDir();
  const int64_t bytes = FreeBytes(dir) + (int64_t{1} << 40);
  EXPECT_THAT(
      DiskReserve::Hold(dir, bytes),
      StatusIs(absl::StatusCode::kResourceExhausted,
               AllOf(HasSubstr(std::to_string(bytes)), HasSubstr(dir),
                     HasSubstr(" are free"), HasSubstr("before training"))));
}

TEST(DiskReserveTest, ALimitOfFileSizesIsRefusedAndKillsNobody) {
  const std::string dir = NewDir();
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {1 << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto held = DiskReserve::Hold(dir, 2 << 20);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_THAT(held, StatusIs(absl::StatusCode::kResourceExhausted,
                             AllOf(HasSubstr("at most 1048576"),
                                   HasSubstr("ulimit -f"))));
}

}  // namespace
}  // namespace transect
