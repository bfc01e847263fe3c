#include "launch/store/bundle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusOr<std::string> CodePart(const BuiltWorker& built) {
  TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts, MakeCodeParts(built));
  return CodeDigest(parts);
}

class BundleTest : public testing::Test {
 protected:
  BundleTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    built_.root = NewDir();
    built_.worker = "launch/worker/transect_worker";
    built_.modules = {"data/text/libmodule.so"};
    built_.libraries = {"_solib_k8/a/libx.so"};
    built_.versions = "libx 1\n";
    built_.lock = Sha256("lock");
    Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho one\n");
    Put(built_.root + "/data/text/libmodule.so", "module");
    Put(built_.root + "/real/libx.so.1", "library");
    Put(built_.root + "/_solib_k8/a/keep", "");
    EXPECT_EQ(symlink((built_.root + "/real/libx.so.1").c_str(),
                      (built_.root + "/_solib_k8/a/libx.so").c_str()),
              0);
  }

  BuiltWorker built_;
  Store store_;
};

TEST_F(BundleTest, TheCodePartCoversWorkerModulesLockAndVersions) {
  ASSERT_OK_AND_ASSIGN(const std::string code, CodePart(built_));
  EXPECT_EQ(code.size(), 32);
  EXPECT_THAT(CodePart(built_), IsOkAndHolds(code));
  BuiltWorker other = built_;
  other.versions = "libx 2\n";
  EXPECT_NE(*CodePart(other), code);
  other = built_;
  other.lock = Sha256("another lock");
  EXPECT_NE(*CodePart(other), code);
  Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho two\n");
  EXPECT_NE(*CodePart(built_), code);
  Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho one\n");
  EXPECT_THAT(CodePart(built_), IsOkAndHolds(code));
  Put(built_.root + "/data/text/libmodule.so", "another module");
  EXPECT_NE(*CodePart(built_), code);
}

TEST_F(BundleTest, KeepsThePlacesOfFilesRelativeToEachOther) {
  ASSERT_OK_AND_ASSIGN(const std::string code, CodePart(built_));
  ASSERT_OK_AND_ASSIGN(const std::string worker,
                       InstallBundle(built_, code, store_));
  EXPECT_EQ(worker, store_.BundleDir(code) + "/launch/worker/transect_worker");
  EXPECT_EQ(access(worker.c_str(), X_OK), 0);
  EXPECT_THAT(ReadFile(store_.BundleDir(code) + "/data/text/libmodule.so"),
              IsOkAndHolds("module"));
  EXPECT_THAT(ReadFile(store_.BundleDir(code) + "/_solib_k8/a/libx.so"),
              IsOkAndHolds("library"));
  ASSERT_OK_AND_ASSIGN(const CodeParts parts, ReadCodeParts(store_, code));
  EXPECT_EQ(CodeDigest(parts), code);
  ASSERT_EQ(parts.binary_size(), 2);
  EXPECT_EQ(parts.binary(1).path(), "data/text/libmodule.so");
  EXPECT_EQ(parts.binary(1).sha256(), Sha256("module"));
  EXPECT_EQ(parts.libtorch_lock(), Sha256("lock"));
  EXPECT_EQ(parts.version(0), "libx 1");
}

// A rebuild in the middle of a sweep changes nothing.
TEST_F(BundleTest, IsACopyOfTheWorker) {
  ASSERT_OK_AND_ASSIGN(const std::string code, CodePart(built_));
  ASSERT_OK_AND_ASSIGN(const std::string worker,
                       InstallBundle(built_, code, store_));
  Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho two\n");
  EXPECT_THAT(ReadFile(worker), IsOkAndHolds("#!/bin/sh\necho one\n"));
  EXPECT_THAT(InstallBundle(built_, *CodePart(built_), store_), IsOk());
  EXPECT_THAT(ReadFile(worker), IsOkAndHolds("#!/bin/sh\necho one\n"));
}

TEST_F(BundleTest, BundlesShareTheirLibraries) {
  ASSERT_THAT(InstallBundle(built_, "aaaaaaaaaaaa", store_), IsOk());
  ASSERT_THAT(InstallBundle(built_, "bbbbbbbbbbbb", store_), IsOk());
  struct stat first;
  struct stat second;
  const std::string library = "/_solib_k8/a/libx.so";
  ASSERT_EQ(stat((store_.BundleDir("aaaaaaaaaaaa") + library).c_str(), &first),
            0);
  ASSERT_EQ(stat((store_.BundleDir("bbbbbbbbbbbb") + library).c_str(), &second),
            0);
  EXPECT_EQ(first.st_ino, second.st_ino);
}

TEST_F(BundleTest, IsMadeOnceAndTheRestOfAnInterruptedOneIsRemoved) {
  const std::string rest = store_.BundleDir("aaaaaaaaaaaa") + ".making.1";
  Put(rest + "/launch/worker/half", "rest");
  ASSERT_OK_AND_ASSIGN(const std::string worker,
                       InstallBundle(built_, "aaaaaaaaaaaa", store_));
  EXPECT_FALSE(FileExists(rest));
  struct stat before;
  struct stat after;
  ASSERT_EQ(stat(worker.c_str(), &before), 0);
  EXPECT_THAT(InstallBundle(built_, "aaaaaaaaaaaa", store_),
              IsOkAndHolds(worker));
  ASSERT_EQ(stat(worker.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(BundleTest, ABundleThatWasTamperedWithIsRefused) {
  ASSERT_OK_AND_ASSIGN(const std::string worker,
                       InstallBundle(built_, "aaaaaaaaaaaa", store_));
  Put(worker, "#!/bin/sh\necho other\n");
  EXPECT_THAT(
      InstallBundle(built_, "aaaaaaaaaaaa", store_),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr(worker), HasSubstr("remove the bundle"))));
}

TEST_F(BundleTest, ABundleWithAnotherModuleIsRefused) {
  ASSERT_THAT(InstallBundle(built_, "aaaaaaaaaaaa", store_), IsOk());
  const std::string module =
      store_.BundleDir("aaaaaaaaaaaa") + "/data/text/libmodule.so";
  Put(module, "other");
  EXPECT_THAT(
      InstallBundle(built_, "aaaaaaaaaaaa", store_),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr(module), HasSubstr("remove the bundle"))));
}

TEST_F(BundleTest, AMissingModuleIsNamed) {
  built_.modules.push_back("data/text/libnone.so");
  EXPECT_THAT(CodePart(built_), StatusIs(absl::StatusCode::kNotFound,
                                         HasSubstr("data/text/libnone.so")));
}

TEST_F(BundleTest, AMissingLibraryIsNamed) {
  built_.libraries.push_back("_solib_k8/a/liby.so");
  EXPECT_THAT(InstallBundle(built_, "aaaaaaaaaaaa", store_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("a/liby.so")));
  EXPECT_FALSE(FileExists(store_.BundleDir("aaaaaaaaaaaa")));
}

TEST(FindWorkerTest, AProgramWithoutRunfilesHasNone) {
  unsetenv("RUNFILES_DIR");
  unsetenv("RUNFILES_MANIFEST_FILE");
  EXPECT_THAT(FindWorker("/nowhere/transect"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no worker")));
}

}  // namespace
}  // namespace transect
