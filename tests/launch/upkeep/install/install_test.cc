// An installation needs glibc and nothing else: it is made by the program that
// `bazel run //:install` starts, and used in a root directory that holds
// nothing but it, glibc and a store.
#include "launch/upkeep/install/install.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/program/needed_libraries.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPrefix[] = "/opt/transect";

// Runs `command` in a shell with an empty environment but PATH.
Ended Shell(const std::string& command) {
  const std::string directory = NewDir();
  // Of Bazel, by which programs find the runfiles of this test.
  const std::string line = absl::StrCat(
      "env -i PATH=\"$PATH:/usr/sbin:/sbin\" TMPDIR=/tmp sh -c '", command,
      "' >", directory, "/out 2>", directory, "/err </dev/null");
  const int how = system(line.c_str());
  Ended ended;
  ended.code = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
  ended.out = *ReadFile(directory + "/out");
  ended.err = *ReadFile(directory + "/err");
  return ended;
}

// `bazel run //:install -- prefix`, as the test sees it.
int InstallIn(const std::string& prefix) {
  const std::string program =
      fs::absolute("launch/upkeep/install/install").string();
  return system(absl::StrCat(program, " ", prefix, " >/dev/null").c_str());
}

// A directory that holds an installation in kPrefix, glibc, and the tiny
// experiment. Made once: it has hundreds of megabytes.
const std::string& GetRoot() {
  static const std::string* const root = [] {
    const auto* made = new std::string(NewDir());
    EXPECT_EQ(InstallIn(*made + kPrefix), 0);
    const auto copy = [&](const fs::path& file) {
      const std::string target = absl::StrCat(*made, file.string());
      fs::create_directories(fs::path(target).parent_path());
      fs::copy_file(file, target, fs::copy_options::skip_existing);
    };
    copy("/lib64/ld-linux-x86-64.so.2");
    const std::vector<NeededLibrary> libraries = *ListNeededLibraries(
        absl::StrCat(*made, kPrefix, "/lib/transect/bin/transect"));
    for (const NeededLibrary& library : libraries) {
      if (library.name != "libc.so.6") continue;
      for (const auto& entry :
           fs::directory_iterator(fs::path(library.path).parent_path())) {
        const std::string name = entry.path().filename().string();
        if (BelongsToMachine(name) && !absl::StartsWith(name, "libnvidia") &&
            !absl::StartsWith(name, "libcuda") && entry.is_regular_file()) {
          copy(entry.path());
        }
      }
    }
    for (const char* name : {"/proc", "/dev", "/tmp"}) {
      fs::create_directories(*made + name);
    }
    fs::copy_file("tests/e2e/tiny.textproto", *made + "/tiny.textproto");
    return made;
  }();
  return *root;
}

// A shell command that starts `command` in the root directory GetRoot().
std::string InRoot(const std::string& command) {
  return absl::StrCat("exec unshare --map-root-user --mount sh -c \"",
                      "mount --rbind /proc ", GetRoot(), "/proc && ",
                      "mount --rbind /dev ", GetRoot(), "/dev && ",
                      "exec chroot ", GetRoot(), " ", command, "\"");
}

TEST(InstallTest, SaysItsVersionAndCarriesWhatPeopleRead) {
  const std::string prefix = GetRoot() + kPrefix;
  const Ended said = Shell(prefix + "/bin/transect --version");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, StartsWith("transect "));
  for (const char* file :
       {"/share/bash-completion/completions/transect",
        "/share/zsh/site-functions/_transect",
        "/share/transect/experiments/quickstart.textproto",
        "/share/doc/transect/LICENSE", "/share/doc/transect/README.md",
        "/share/doc/transect/docs/site_file.md"}) {
    EXPECT_TRUE(fs::is_regular_file(prefix + file)) << file;
    EXPECT_FALSE(fs::is_symlink(prefix + file)) << file;
  }
  // The experiments find what they include.
  for (const auto& entry :
       fs::directory_iterator(prefix + "/share/transect/experiments")) {
    if (entry.path().extension() != ".textproto") continue;
    const Ended checked = Shell(absl::StrCat(
        prefix, "/bin/transect spec --check ", entry.path().string()));
    EXPECT_EQ(checked.code, 0) << checked.err;
  }
}

TEST(InstallTest, AnOlderGlibcGetsOneLineBeforeAnythingElse) {
  const std::string prefix = GetRoot() + kPrefix;
  const std::string record = prefix + "/lib/transect/glibc.txt";
  const std::string needed = *ReadFile(record);
  EXPECT_THAT(needed, AllOf(StartsWith("2."), EndsWith("\n")));
  ASSERT_EQ(chmod(record.c_str(), 0644), 0);
  Put(record, "9.99\n");
  const std::string store = NewDir() + "/store";
  // Also where the loader would let the program itself start.
  for (const char* program : {"/bin/transect", "/lib/transect/bin/transect"}) {
    const Ended said = Shell(absl::StrCat(prefix, program, " run ", GetRoot(),
                                          "/tiny.textproto --store ", store));
    EXPECT_EQ(said.code, 1) << program;
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, AllOf(HasSubstr("needs glibc 9.99 and this machine "
                                          "has "),
                                HasSubstr("tools/container/README.md")));
    const std::vector<std::string> lines = absl::StrSplit(said.err, '\n');
    EXPECT_EQ(lines.size(), 2u) << said.err;
    EXPECT_FALSE(FileExists(store));
  }
  Put(record, needed);
}

TEST(InstallTest, WhatIsNoInstallationIsNotReplaced) {
  const std::string prefix = NewDir();
  Put(prefix + "/lib/transect/mine", "");
  EXPECT_THAT(Install({}, prefix),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(prefix + "/lib/transect: exists and is no "
                                          "installation")));
  EXPECT_TRUE(FileExists(prefix + "/lib/transect/mine"));
}

// Last: it removes the installation.
TEST(InstallTest, RunsWhereThereIsNothingElseAndIsNotMissedByWhatRuns) {
  const Ended allowed = Shell("unshare --map-root-user --mount true");
  if (allowed.code != 0) {
    GTEST_SKIP() << "namespaces are not allowed here: " << allowed.err;
  }
  const std::string& root = GetRoot();
  // Over the first one, of which nothing stays.
  ASSERT_EQ(InstallIn(root + kPrefix), 0);
  EXPECT_THAT(ListDirectory(absl::StrCat(root, kPrefix, "/lib")),
              IsOkAndHolds(ElementsAre("transect")));
  // No shell, no library but glibc's, no checkout.
  EXPECT_FALSE(FileExists(root + "/bin"));
  const pid_t remover = fork();
  if (remover == 0) {
    // The bundle has been copied by then.
    bool started = false;
    for (int rounds = 0; rounds < 12 && !started; ++rounds) {
      started = Eventually([&] {
        return FileExists(root + "/store/inputs") ||
               FileExists(root + "/store/runs");
      });
    }
    fs::remove_all(root + kPrefix);
    _exit(started ? 0 : 1);
  }
  const Ended run = Shell(
      InRoot("/opt/transect/bin/transect run /tiny.textproto --store /store"));
  int how = 0;
  ASSERT_EQ(waitpid(remover, &how, 0), remover);
  EXPECT_EQ(how, 0) << "the installation was removed too late";
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_FALSE(FileExists(root + kPrefix));
  // The same code as that of the build: everything is done for it too.
  const Ended status = Transect(
      {"status", "tests/e2e/tiny.textproto", "--store", root + "/store"});
  EXPECT_EQ(status.code, 0) << status.out << status.err;
  EXPECT_THAT(run.out, HasSubstr("rank=2"));
}

}  // namespace
}  // namespace transect
