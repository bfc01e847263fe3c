#include "launch/store/program/needed_libraries.h"

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string ThisProgram() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

// This test is a C++ program, and its protobuf is a shared library.
TEST(NeededLibrariesTest, AreWhatTheLoaderFindsThroughAllLibraries) {
  ASSERT_OK_AND_ASSIGN(const std::vector<NeededLibrary> libraries,
                       ListNeededLibraries(ThisProgram()));
  EXPECT_THAT(libraries,
              Contains(AllOf(
                  Field(&NeededLibrary::name, "libstdc++.so.6"),
                  Field(&NeededLibrary::path,
                        AllOf(StartsWith("/"), EndsWith("/libstdc++.so.6"))))));
  EXPECT_THAT(libraries,
              Each(AllOf(Field(&NeededLibrary::name, Not(HasSubstr("/"))),
                         Field(&NeededLibrary::path, Not(HasSubstr("(0x"))))));
}

// They are the worker's, whose environment does not have it either.
TEST(NeededLibrariesTest, DoNotDependOnTheEnvironment) {
  const std::string directory = NewDir();
  Put(directory + "/libstdc++.so.6", "not a library");
  setenv("LD_LIBRARY_PATH", directory.c_str(), 1);
  const absl::StatusOr<std::vector<NeededLibrary>> libraries =
      ListNeededLibraries(ThisProgram());
  unsetenv("LD_LIBRARY_PATH");
  ASSERT_THAT(libraries, IsOk());
  EXPECT_THAT(*libraries,
              Each(Field(&NeededLibrary::path, Not(StartsWith(directory)))));
}

TEST(NeededLibrariesTest, AFileThatIsNoProgramIsNamed) {
  const std::string path = NewDir() + "/text";
  Put(path, "not a program");
  EXPECT_THAT(ListNeededLibraries(path),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(path)));
}

TEST(NeededLibrariesTest, OnlyGlibcAndTheDriverBelongToTheMachine) {
  for (const char* name :
       {"libc.so.6", "libm.so.6", "libmvec.so.1", "ld-linux-x86-64.so.2",
        "libpthread.so.0", "libresolv.so.2", "libcuda.so.1",
        "libnvidia-ml.so.1"}) {
    EXPECT_TRUE(BelongsToMachine(name)) << name;
  }
  for (const char* name :
       {"libstdc++.so.6", "libgcc_s.so.1", "libcublas.so.13", "libcudart.so.13",
        "libcudnn.so.9", "libnccl.so.2", "libnvrtc.so.13", "libz.so.1",
        "libgomp.so.1", "libcurl.so.4", "libmd.so.0"}) {
    EXPECT_FALSE(BelongsToMachine(name)) << name;
  }
}

TEST(NeededLibrariesTest, TheGlibcIsTheNewestOfAllSymbolVersions) {
  std::string glibc;
  ASSERT_THAT(ListNeededLibraries(ThisProgram(), &glibc), IsOk());
  // What objdump says of the program alone is no more than that; the machine
  // runs all of it.
  EXPECT_THAT(glibc, testing::MatchesRegex("2[.][0-9]+"));
  EXPECT_FALSE(OlderVersion(glibc, "2.14"));
  EXPECT_THAT(CheckGlibc(glibc, "this"), IsOk());
  std::string higher = "9.99";
  ASSERT_THAT(ListNeededLibraries(ThisProgram(), &higher), IsOk());
  EXPECT_EQ(higher, "9.99");
}

TEST(NeededLibrariesTest, VersionsAreComparedAsNumbers) {
  EXPECT_TRUE(OlderVersion("2.9", "2.36"));
  EXPECT_TRUE(OlderVersion("2.36", "2.36.1"));
  EXPECT_TRUE(OlderVersion("2.36", "3.0"));
  EXPECT_FALSE(OlderVersion("2.36", "2.36"));
  EXPECT_FALSE(OlderVersion("2.36", "2.4"));
  EXPECT_TRUE(OlderVersion("", "2.4"));
  EXPECT_FALSE(OlderVersion("2.4", ""));
  EXPECT_FALSE(OlderVersion("", ""));
}

TEST(NeededLibrariesTest, AnOlderGlibcIsAnErrorWithTheWayOut) {
  EXPECT_THAT(CheckGlibc("", "the bundle"), IsOk());
  EXPECT_THAT(CheckGlibc("2.2", "the bundle"), IsOk());
  EXPECT_THAT(CheckGlibc("9.99", "the bundle"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("the bundle needs glibc 9.99 and this "
                                       "machine has 2."),
                             HasSubstr("tools/container/README.md"))));
}

}  // namespace
}  // namespace transect
