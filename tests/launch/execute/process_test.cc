#include "launch/execute/process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/lease.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ProcessSpec Shell(const std::string& directory, const std::string& command) {
  ProcessSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", command};
  spec.directory = directory;
  spec.log_path = directory + "/log";
  spec.environment = RankEnvironment(3);
  return spec;
}

int WaitFor(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

bool IsAlive(pid_t pid) {
  if (kill(pid, 0) != 0) return false;
  // A zombie that nobody collected yet is dead.
  const absl::StatusOr<std::string> stat =
      ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  return stat.ok() && !absl::StrContains(*stat, ") Z ");
}

TEST(ProcessTest, RunsInItsDirectoryWithBothOutputsInTheLog) {
  const std::string directory = NewDir();
  ASSERT_OK_AND_ASSIGN(
      const pid_t pid,
      StartProcess(Shell(directory, "pwd; echo oops >&2; cat; exit 7")));
  const int status = WaitFor(pid);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_THAT(ReadFile(directory + "/log"),
              IsOkAndHolds(directory + "\noops\n"));
}

TEST(ProcessTest, IsInAGroupOfItsOwnWithNoSignalBlockedOrIgnored) {
  const std::string directory = NewDir();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ASSERT_EQ(sigprocmask(SIG_BLOCK, &all, &before), 0);
  signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<pid_t> pid =
      StartProcess(Shell(directory,
                         "cut -d' ' -f5 /proc/$$/stat; "
                         "grep -E 'SigBlk|SigIgn' /proc/self/status"));
  sigprocmask(SIG_SETMASK, &before, nullptr);
  signal(SIGPIPE, SIG_DFL);
  ASSERT_THAT(pid, IsOk());
  WaitFor(*pid);
  ASSERT_OK_AND_ASSIGN(const std::string log, ReadFile(directory + "/log"));
  EXPECT_THAT(log, AllOf(StartsWith(absl::StrCat(*pid, "\n")),
                         HasSubstr("SigBlk:\t0000000000000000"),
                         // The C library keeps signals 32 and 33 to itself.
                         ContainsRegex("SigIgn:\t[0-9a-f]+0000000\n")));
}

// The launcher may be killed at any time; its ranks must not survive it.
TEST(ProcessTest, DiesWithTheProcessThatStartedIt) {
  const std::string directory = NewDir();
  const pid_t launcher = fork();
  if (launcher == 0) {
    const absl::StatusOr<pid_t> rank = StartProcess(
        Shell(directory, "echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000"));
    pause();
    _exit(rank.ok() ? 0 : 1);
  }
  ASSERT_TRUE(Eventually([&] { return FileExists(directory + "/pid"); }));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(directory + "/pid"));
  pid_t rank = 0;
  ASSERT_TRUE(absl::SimpleAtoi(text, &rank));
  EXPECT_TRUE(IsAlive(rank));
  ASSERT_EQ(kill(launcher, SIGKILL), 0);
  WaitFor(launcher);
  EXPECT_TRUE(Eventually([&] { return !IsAlive(rank); }));
}

TEST(ProcessTest, InheritsTheDescriptorThatItIsGivenAndNoOther) {
  const std::string directory = NewDir();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Lease> given, Lease::TryTake(directory));
  const std::string other_directory = NewDir();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Lease> other,
                       Lease::TryTake(other_directory));
  ProcessSpec spec = Shell(directory, "exec sleep 1000");
  spec.inherited_descriptor = given->descriptor();
  ASSERT_OK_AND_ASSIGN(const pid_t pid, StartProcess(spec));
  given.reset();
  other.reset();
  EXPECT_TRUE(IsLeaseHeld(directory));
  EXPECT_FALSE(IsLeaseHeld(other_directory));
  kill(pid, SIGKILL);
  WaitFor(pid);
  EXPECT_FALSE(IsLeaseHeld(directory));
}

TEST(ProcessTest, SaysWhatCouldNotBeStartedAndWhy) {
  const std::string directory = NewDir();
  ProcessSpec spec = Shell(directory, "true");
  spec.program = "/nowhere/worker";
  EXPECT_THAT(StartProcess(spec),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/worker"),
                             HasSubstr("could not execute"))));
  spec = Shell("/nowhere", "true");
  EXPECT_THAT(StartProcess(spec),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("enter its directory /nowhere")));
  spec = Shell(directory, "true");
  spec.log_path = "/nowhere/log";
  EXPECT_THAT(StartProcess(spec),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("open its log /nowhere/log")));
}

// Every variable that a user may have set, and whether a rank sees it.
TEST(RankEnvironmentTest, PassesOnlyWhatChoosesNeitherLibrariesNorNumbers) {
  const struct {
    const char* name;
    bool passed;
  } kVariables[] = {
      {"CUDA_DEVICE_ORDER", true},
      {"CUDA_VISIBLE_DEVICES", true},
      {"HOME", true},
      {"LOGNAME", true},
      {"PATH", true},
      {"TMPDIR", true},
      {"TZ", true},
      {"USER", true},
      {"XDG_CACHE_HOME", true},
      {"ATEN_CPU_CAPABILITY", false},
      {"CUBLAS_WORKSPACE_CONFIG", false},
      {"CUDA_LAUNCH_BLOCKING", false},
      {"CUDNN_LOGLEVEL_DBG", false},
      {"DNNL_MAX_CPU_ISA", false},
      {"GLIBC_TUNABLES", false},
      {"GOMP_CPU_AFFINITY", false},
      {"HOMEPAGE", false},
      {"KMP_AFFINITY", false},
      {"LC_ALL", false},
      {"LD_AUDIT", false},
      {"LD_LIBRARY_PATH", false},
      {"LD_PRELOAD", false},
      {"MKL_ENABLE_INSTRUCTIONS", false},
      {"MKL_NUM_THREADS", false},
      {"NCCL_ALGO", false},
      {"NVIDIA_TF32_OVERRIDE", false},
      {"OMP_SCHEDULE", false},
      {"ONEDNN_MAX_CPU_ISA", false},
      {"OPENBLAS_CORETYPE", false},
      {"OPENCV_IO_ENABLE_OPENEXR", false},
      {"PYTORCH_CUDA_ALLOC_CONF", false},
      {"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", false},
      {"TRANSECT_STORE", false},
  };
  for (const auto& [name, passed] : kVariables) {
    const char* const before = getenv(name);
    const std::string kept = before == nullptr ? "" : before;
    setenv(name, "set by a user", 1);
    EXPECT_THAT(
        RankEnvironment(3),
        Contains(absl::StrCat(name, "=set by a user")).Times(passed ? 1 : 0));
    if (before == nullptr) {
      unsetenv(name);
    } else {
      setenv(name, kept.c_str(), 1);
    }
  }
}

TEST(RankEnvironmentTest, SetsThreadsAndKernelsItself) {
  setenv("OMP_NUM_THREADS", "16", 1);
  setenv("MKL_CBWR", "COMPATIBLE", 1);
  const std::vector<std::string> environment = RankEnvironment(3);
  unsetenv("OMP_NUM_THREADS");
  unsetenv("MKL_CBWR");
  EXPECT_THAT(environment, Contains(StartsWith("OMP_NUM_THREADS=")).Times(1));
  EXPECT_THAT(environment, Contains("OMP_NUM_THREADS=3"));
  EXPECT_THAT(environment, Contains("OMP_WAIT_POLICY=PASSIVE"));
  EXPECT_THAT(environment, Contains(StartsWith("MKL_CBWR=")).Times(1));
  EXPECT_THAT(environment, Contains("MKL_CBWR=AVX2"));
}

TEST(ShellQuotedTest, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(ShellQuoted({"transect", "run", "a b.textproto", "it's", ""}),
            "transect run 'a b.textproto' 'it'\\''s' ''");
}

}  // namespace
}  // namespace transect
