#include "launch/worker/mapped_libraries.h"

#include <dlfcn.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// A bundle with one library and one module, and a library elsewhere.
class MappedLibrariesTest : public testing::Test {
 protected:
  MappedLibrariesTest() {
    parts_.add_binary()->set_path("launch/worker/transect_worker");
    parts_.add_binary()->set_path("data/text/libmodule.so");
    parts_.add_library()->set_path("system_libraries/libz.so.1");
    Put(own_, "library");
    Put(other_, "patched");
  }

  absl::Status Check(const std::string& mapped) {
    return CheckMappedLibraries(bundle_, parts_, {"linux-vdso.so.1", mapped});
  }

  std::string bundle_ = NewDir();
  std::string own_ = bundle_ + "/system_libraries/libz.so.1";
  std::string other_ = NewDir() + "/libz.so.1";
  CodeParts parts_;
};

TEST_F(MappedLibrariesTest, TakesTheBundlesOwnByAnyNameOfThePath) {
  EXPECT_THAT(Check(own_), IsOk());
  EXPECT_THAT(Check(bundle_ + "/launch/../system_libraries/libz.so.1"), IsOk());
  const std::string link = NewDir() + "/link";
  fs::create_directory_symlink(bundle_, link);
  EXPECT_THAT(Check(link + "/system_libraries/libz.so.1"), IsOk());
}

TEST_F(MappedLibrariesTest, RefusesALibraryOfTheSameNameFromElsewhere) {
  EXPECT_THAT(Check(other_),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("libz.so.1"), HasSubstr(other_),
                             HasSubstr(own_), HasSubstr("LD_PRELOAD"))));
  EXPECT_THAT(Check("/nowhere/libmodule.so"),
              StatusIs(absl::StatusCode::kInternal,
                       HasSubstr(bundle_ + "/data/text/libmodule.so")));
}

TEST_F(MappedLibrariesTest, LeavesWhatTheBundleDoesNotHoldAlone) {
  EXPECT_THAT(Check("/lib/libc.so.6"), IsOk());
  EXPECT_THAT(Check("/lib/libz.so.2"), IsOk());
}

// Whoever removes the bundle of a run that goes on breaks nothing.
TEST_F(MappedLibrariesTest, ARemovedFileIsKnownByItsPath) {
  fs::remove(own_);
  EXPECT_THAT(Check(own_), IsOk());
}

TEST(OwnLibrariesTest, KnowsWhatIsLoadedLater) {
  constexpr char kLate[] = "libutil.so.1";
  ASSERT_THAT(MappedLibraries(), Contains(EndsWith("/libc.so.6")));
  ASSERT_THAT(MappedLibraries(), Not(Contains(EndsWith(kLate))));
  void* const library = dlopen(kLate, RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_THAT(MappedLibraries(), Contains(EndsWith(kLate)));
  dlclose(library);
}

TEST(OwnLibrariesTest, AProgramOutsideOfABundleIsNotChecked) {
  EXPECT_THAT(CheckOwnLibraries(), IsOk());
}

}  // namespace
}  // namespace transect
