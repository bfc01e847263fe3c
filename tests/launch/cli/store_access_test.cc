#include "launch/cli/store_access.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Gives up the rights by which root passes over permissions.
void BecomeOrdinary() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) _exit(1);
}

// A store whose directory of runs nobody may write.
class StoreAccessTest : public testing::Test {
 protected:
  StoreAccessTest() {
    char name[] = "/tmp/store_access.XXXXXX";
    root_ = mkdtemp(name);
    std::filesystem::create_directory(root_ + "/runs");
    EXPECT_EQ(chmod((root_ + "/runs").c_str(), 0555), 0);
  }
  ~StoreAccessTest() override { std::filesystem::remove_all(root_); }

  // What an ordinary user is told about writing `path`.
  std::string Told(const std::string& path) const {
    int pipe_ends[2];
    EXPECT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      BecomeOrdinary();
      const std::string text(CheckMayWrite(root_, {path}).message());
      _exit(write(pipe_ends[1], text.data(), text.size()) ==
                    static_cast<ssize_t>(text.size())
                ? 0
                : 1);
    }
    close(pipe_ends[1]);
    std::string text;
    char piece[512];
    ssize_t got;
    while ((got = read(pipe_ends[0], piece, sizeof(piece))) > 0) {
      text.append(piece, static_cast<size_t>(got));
    }
    close(pipe_ends[0]);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return text;
  }

  std::string root_;
};

TEST_F(StoreAccessTest, TheOwnerMayWriteWhatIsThereAndWhatIsNot) {
  EXPECT_EQ(Told(root_), "");
  EXPECT_EQ(Told(root_ + "/bundles/x"), "");
}

TEST_F(StoreAccessTest, OthersAreToldWhoseItIsAndWhatTheyMayDo) {
  const std::string told = Told(root_ + "/runs/h2/ab");
  EXPECT_THAT(told, AllOf(HasSubstr(absl::StrCat("store ", root_, ": ", root_,
                                                 "/runs belongs to ")),
                          HasSubstr(" may not write to it"),
                          HasSubstr("--store"), HasSubstr("report")));
  EXPECT_EQ(told.find('\n'), std::string::npos);
  ASSERT_EQ(chmod((root_ + "/runs").c_str(), 0755), 0);
  EXPECT_EQ(Told(root_ + "/runs/h2/ab"), "");
  // What is not made yet would be made in the root.
  ASSERT_EQ(chmod(root_.c_str(), 0555), 0);
  EXPECT_THAT(Told(root_ + "/bundles/x"),
              HasSubstr(absl::StrCat(": ", root_, " belongs to ")));
}

TEST_F(StoreAccessTest, AReadOnlyFileSystemIsNamed) {
  EXPECT_THAT(CheckMayWrite("/proc/sys", {"/proc/sys/transect"}).message(),
              HasSubstr("store /proc/sys: "));
}

}  // namespace
}  // namespace transect
