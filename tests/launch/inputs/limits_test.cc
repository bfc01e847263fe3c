// Trees like /proc and /sys, written by hand after what kernels show.
#include "launch/inputs/limits.h"

#include <sched.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

constexpr int64_t kGiB = int64_t{1} << 30;

class LimitsTest : public testing::Test {
 protected:
  LimitsTest() : root_(NewDir()) {
    // 64 GiB, 48 of them available.
    Put(root_ + "/proc/meminfo",
        "MemTotal:       67108864 kB\nMemFree:         1048576 kB\n"
        "MemAvailable:   50331648 kB\n");
  }

  // This process in group `path` of version 2; the mount shows `top`.
  void Version2(const std::string& path, const std::string& top = "/") {
    Put(root_ + "/proc/self/cgroup", absl::StrCat("0::", path, "\n"));
    Put(root_ + "/proc/self/mountinfo",
        absl::StrCat("22 1 0:20 / /proc rw - proc proc rw\n"
                     "30 23 0:26 ",
                     top,
                     " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 "
                     "rw,nsdelegate\n"));
  }

  void File(const std::string& path, const std::string& text) {
    Put(absl::StrCat(root_, "/sys/fs/cgroup", path), text);
  }

  std::string root_;
};

TEST_F(LimitsTest, WithoutGroupsItIsTheMachine) {
  const Limits limits = ReadLimits(root_, 16);
  EXPECT_EQ(limits.processors, 16);
  EXPECT_FALSE(limits.quota);
  EXPECT_EQ(limits.memory_bytes, 64 * kGiB);
  EXPECT_EQ(limits.free_memory_bytes, 48 * kGiB);
  EXPECT_FALSE(limits.memory_group);
  EXPECT_EQ(OutOfMemoryKills(root_), -1);
}

TEST_F(LimitsTest, ThisProcessHasProcessorsAndMemory) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
  const Limits limits = ReadLimits();
  EXPECT_GE(limits.processors, 1);
  EXPECT_LE(limits.processors, CPU_COUNT(&set));
  EXPECT_GT(limits.memory_bytes, 0);
  EXPECT_LE(limits.free_memory_bytes, limits.memory_bytes);
}

TEST_F(LimitsTest, AQuotaCountsWithItsWholeProcessorsAndAtLeastOne) {
  Version2("/jobs/mine");
  File("/jobs/mine/cpu.max", "350000 100000\n");
  EXPECT_EQ(ReadLimits(root_, 16).processors, 3);
  EXPECT_TRUE(ReadLimits(root_, 16).quota);
  EXPECT_EQ(ReadLimits(root_, 2).processors, 2) << "taskset is tighter";
  File("/jobs/mine/cpu.max", "50000 100000\n");
  EXPECT_EQ(ReadLimits(root_, 16).processors, 1) << "half a processor";
  File("/jobs/mine/cpu.max", "max 100000\n");
  EXPECT_EQ(ReadLimits(root_, 16).processors, 16);
  // A group above.
  File("/jobs/cpu.max", "200000 100000\n");
  EXPECT_EQ(ReadLimits(root_, 16).processors, 2);
}

TEST_F(LimitsTest, MemoryIsThatOfTheTightestGroupAndWhatIsLeftOfIt) {
  Version2("/jobs/mine");
  File("/jobs/mine/memory.max", "max\n");
  EXPECT_EQ(ReadLimits(root_, 1).memory_bytes, 64 * kGiB);
  File("/jobs/memory.max", absl::StrCat(8 * kGiB, "\n"));
  File("/jobs/memory.current", absl::StrCat(5 * kGiB, "\n"));
  File("/jobs/memory.stat",
       absl::StrCat("anon 1\nfile 2\ninactive_file ", 2 * kGiB, "\n"));
  Limits limits = ReadLimits(root_, 1);
  EXPECT_EQ(limits.memory_bytes, 8 * kGiB);
  EXPECT_EQ(limits.free_memory_bytes, 5 * kGiB) << "caches can be dropped";
  EXPECT_TRUE(limits.memory_group);
  // A wider limit of which others have taken more than is left below it.
  File("/memory.max", absl::StrCat(32 * kGiB, "\n"));
  File("/memory.current", absl::StrCat(31 * kGiB, "\n"));
  limits = ReadLimits(root_, 1);
  EXPECT_EQ(limits.memory_bytes, 8 * kGiB);
  EXPECT_EQ(limits.free_memory_bytes, 1 * kGiB);
  File("/jobs/mine/memory.high", absl::StrCat(2 * kGiB, "\n"));
  EXPECT_EQ(ReadLimits(root_, 1).memory_bytes, 2 * kGiB);
}

TEST_F(LimitsTest, AContainerSeesItsOwnGroupAtTheTopOfTheMount) {
  Version2("/docker/abc", "/docker/abc");
  File("/memory.max", absl::StrCat(4 * kGiB, "\n"));
  File("/cpu.max", "150000 100000\n");
  File("/memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\n");
  EXPECT_EQ(ReadLimits(root_, 8).memory_bytes, 4 * kGiB);
  EXPECT_EQ(ReadLimits(root_, 8).processors, 1);
  EXPECT_EQ(OutOfMemoryKills(root_), 3);
}

TEST_F(LimitsTest, Version1HasAHierarchyForEachController) {
  Put(root_ + "/proc/self/cgroup",
      "5:memory:/batch/7\n4:cpu,cpuacct:/batch/7\n0::/\n");
  Put(root_ + "/proc/self/mountinfo",
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup "
      "rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  File("/cpu,cpuacct/batch/7/cpu.cfs_quota_us", "-1\n");
  File("/cpu,cpuacct/batch/7/cpu.cfs_period_us", "100000\n");
  // No limit, in the words of version 1.
  File("/memory/batch/7/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(ReadLimits(root_, 8).processors, 8);
  EXPECT_EQ(ReadLimits(root_, 8).memory_bytes, 64 * kGiB);
  File("/cpu,cpuacct/batch/7/cpu.cfs_quota_us", "250000\n");
  File("/memory/batch/memory.limit_in_bytes", absl::StrCat(6 * kGiB, "\n"));
  File("/memory/batch/memory.usage_in_bytes", absl::StrCat(3 * kGiB, "\n"));
  File("/memory/batch/memory.stat",
       absl::StrCat("total_inactive_file ", kGiB, "\n"));
  File("/memory/batch/7/memory.oom_control",
       "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
  const Limits limits = ReadLimits(root_, 8);
  EXPECT_EQ(limits.processors, 2);
  EXPECT_EQ(limits.memory_bytes, 6 * kGiB);
  EXPECT_EQ(limits.free_memory_bytes, 4 * kGiB);
  EXPECT_EQ(OutOfMemoryKills(root_), 5);
}

TEST_F(LimitsTest, KillsAreThoseOfTheMachineWhereNoGroupCountsThem) {
  Put(root_ + "/proc/vmstat", "pgfault 1\noom_kill 4\n");
  EXPECT_EQ(OutOfMemoryKills(root_), 4);
  Version2("/mine");
  File("/mine/memory.events", "oom_kill 0\n");
  EXPECT_EQ(OutOfMemoryKills(root_), 0) << "what others meet is not meant";
}

}  // namespace
}  // namespace transect
