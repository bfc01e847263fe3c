#include "launch/store/bundle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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

constexpr char kLibrary[] = "_solib_k8/a/libx.so";
constexpr char kSystemLibrary[] = "system_libraries/libz.so.1";

class BundleTest : public testing::Test {
 protected:
  BundleTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    built_.root = NewDir();
    built_.worker = "launch/worker/transect_worker";
    built_.modules = {"data/text/libmodule.so"};
    built_.libraries = {kLibrary};
    built_.system_libraries = {{"libz.so.1", built_.root + "/sys/libz.so.1"}};
    built_.versions = "libx 1\n";
    built_.lock = Sha256("lock");
    Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho one\n");
    Put(built_.root + "/data/text/libmodule.so", "module");
    Put(built_.root + "/real/libx.so.1", "library");
    Put(built_.root + "/sys/libz.so.1.2.13", "system library");
    Put(built_.root + "/_solib_k8/a/keep", "");
    EXPECT_EQ(symlink((built_.root + "/real/libx.so.1").c_str(),
                      (built_.root + "/_solib_k8/a/libx.so").c_str()),
              0);
    EXPECT_EQ(
        symlink("libz.so.1.2.13", (built_.root + "/sys/libz.so.1").c_str()), 0);
  }

  absl::StatusOr<std::string> CodePart(const BuiltWorker& built) {
    TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts,
                              MakeCodeParts(built, store_));
    return CodeDigest(parts);
  }

  // Installs the bundle of `built_` as it is now; returns its worker.
  absl::StatusOr<std::string> Install() {
    TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts,
                              MakeCodeParts(built_, store_));
    bundle_ = store_.BundleDir(CodeDigest(parts));
    return InstallBundle(built_, parts, store_);
  }

  ino_t Inode(const std::string& path) {
    struct stat info;
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_ino;
  }

  BuiltWorker built_;
  Store store_;
  // Of the last Install.
  std::string bundle_;
};

TEST_F(BundleTest, TheCodePartCoversEveryByteLockAndVersions) {
  ASSERT_OK_AND_ASSIGN(const std::string code, CodePart(built_));
  EXPECT_EQ(code.size(), 32);
  EXPECT_THAT(CodePart(built_), IsOkAndHolds(code));
  BuiltWorker other = built_;
  other.versions = "libx 2\n";
  EXPECT_NE(*CodePart(other), code);
  other = built_;
  other.lock = Sha256("another lock");
  EXPECT_NE(*CodePart(other), code);
  for (const std::string& file :
       {built_.worker, built_.modules[0], std::string("real/libx.so.1"),
        std::string("sys/libz.so.1.2.13")}) {
    const std::string path = built_.root + "/" + file;
    ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(path));
    Put(path, "another");
    EXPECT_NE(*CodePart(built_), code) << file;
    Put(path, before);
    EXPECT_THAT(CodePart(built_), IsOkAndHolds(code)) << file;
  }
}

TEST_F(BundleTest, TheCommitIsRecordedButNotInTheDigest) {
  ASSERT_OK_AND_ASSIGN(CodeParts parts, MakeCodeParts(built_, store_));
  const std::string code = CodeDigest(parts);
  parts.set_commit("0123");
  parts.set_dirty(true);
  EXPECT_EQ(CodeDigest(parts), code);
  ASSERT_THAT(InstallBundle(built_, parts, store_), IsOk());
  EXPECT_EQ(ReadCodeParts(store_, code)->commit(), "0123");
}

// Before its files are looked at: a node that is too old gets one error.
TEST_F(BundleTest, TheNeededGlibcIsRecordedAndChecked) {
  built_.glibc = "2.2";
  ASSERT_OK_AND_ASSIGN(CodeParts parts, MakeCodeParts(built_, store_));
  const std::string code = CodeDigest(parts);
  EXPECT_EQ(parts.glibc(), "2.2");
  ASSERT_THAT(InstallBundle(built_, parts, store_), IsOk());
  EXPECT_EQ(ReadCodeParts(store_, code)->glibc(), "2.2");
  // It enters no id.
  built_.glibc = "2.3";
  EXPECT_THAT(CodePart(built_), IsOkAndHolds(code));
  const std::string record = CodePartsPath(store_.BundleDir(code));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(record));
  Put(record, absl::StrReplaceAll(text, {{"2.2", "9.99"}}));
  Put(store_.BundleDir(code) + "/stray", "");
  EXPECT_THAT(CheckBundle(store_, code),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("needs glibc 9.99")));
  EXPECT_THAT(InstallBundle(built_, parts, store_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("needs glibc 9.99")));
}

TEST_F(BundleTest, KeepsThePlacesOfFilesRelativeToEachOther) {
  ASSERT_OK_AND_ASSIGN(const std::string code, CodePart(built_));
  ASSERT_OK_AND_ASSIGN(const std::string worker, Install());
  EXPECT_EQ(worker, store_.BundleDir(code) + "/launch/worker/transect_worker");
  EXPECT_EQ(access(worker.c_str(), X_OK), 0);
  EXPECT_THAT(ReadFile(bundle_ + "/data/text/libmodule.so"),
              IsOkAndHolds("module"));
  EXPECT_THAT(ReadFile(absl::StrCat(bundle_, "/", kLibrary)),
              IsOkAndHolds("library"));
  EXPECT_THAT(ReadFile(absl::StrCat(bundle_, "/", kSystemLibrary)),
              IsOkAndHolds("system library"));
  ASSERT_OK_AND_ASSIGN(const CodeParts parts, ReadCodeParts(store_, code));
  EXPECT_EQ(CodeDigest(parts), code);
  ASSERT_EQ(parts.binary_size(), 2);
  EXPECT_EQ(parts.binary(1).path(), "data/text/libmodule.so");
  EXPECT_EQ(parts.binary(1).sha256(), Sha256("module"));
  ASSERT_EQ(parts.library_size(), 2);
  EXPECT_EQ(parts.library(0).path(), kLibrary);
  EXPECT_EQ(parts.library(1).path(), kSystemLibrary);
  EXPECT_EQ(parts.library(1).sha256(), Sha256("system library"));
  EXPECT_EQ(parts.libtorch_lock(), Sha256("lock"));
  EXPECT_EQ(parts.version(0), "libx 1");
}

// A rebuild in the middle of a sweep changes nothing, not even one that writes
// into its files, and neither does an upgrade of packages.
TEST_F(BundleTest, IsACopyOfEveryFile) {
  ASSERT_OK_AND_ASSIGN(const std::string worker, Install());
  const std::string bundle = bundle_;
  EXPECT_NE(Inode(worker), Inode(built_.root + "/" + built_.worker));
  EXPECT_NE(Inode(absl::StrCat(bundle, "/", kLibrary)),
            Inode(built_.root + "/real/libx.so.1"));
  EXPECT_NE(Inode(absl::StrCat(bundle, "/", kSystemLibrary)),
            Inode(built_.root + "/sys/libz.so.1.2.13"));
  Put(built_.root + "/" + built_.worker, "#!/bin/sh\necho two\n");
  Put(built_.root + "/real/libx.so.1", "another library");
  ASSERT_THAT(Install(), IsOk());
  EXPECT_NE(bundle_, bundle);
  EXPECT_THAT(ReadFile(worker), IsOkAndHolds("#!/bin/sh\necho one\n"));
  EXPECT_THAT(ReadFile(absl::StrCat(bundle, "/", kLibrary)),
              IsOkAndHolds("library"));
}

TEST_F(BundleTest, BundlesShareTheirLibraries) {
  ASSERT_THAT(Install(), IsOk());
  const std::string first = bundle_;
  built_.versions = "libx 2\n";
  ASSERT_THAT(Install(), IsOk());
  ASSERT_NE(bundle_, first);
  for (const char* library : {kLibrary, kSystemLibrary}) {
    EXPECT_EQ(Inode(absl::StrCat(first, "/", library)),
              Inode(absl::StrCat(bundle_, "/", library)));
  }
}

TEST_F(BundleTest, IsMadeOnceAndTheRestOfAnInterruptedOneIsRemoved) {
  const std::string rest = store_.BundleDir(*CodePart(built_)) + ".making.1";
  Put(rest + "/launch/worker/half", "rest");
  ASSERT_OK_AND_ASSIGN(const std::string worker, Install());
  EXPECT_FALSE(FileExists(rest));
  const ino_t before = Inode(worker);
  EXPECT_THAT(Install(), IsOkAndHolds(worker));
  EXPECT_EQ(Inode(worker), before);
}

// Planning hashes the libraries until a bundle of them was made.
TEST_F(BundleTest, MakingTheCodePartsWritesNothingAndUsesTheCache) {
  ASSERT_THAT(CodePart(built_), IsOk());
  EXPECT_FALSE(FileExists(store_.DigestCacheDir()));
  ASSERT_THAT(Install(), IsOk());
  // A digest in the cache is taken without a look at the content.
  for (const auto& entry :
       std::filesystem::directory_iterator(store_.DigestCacheDir())) {
    const std::string path = entry.path().string();
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
    if (absl::StrContains(text, "real/libx.so.1")) {
      Put(path, absl::StrReplaceAll(
                    text, {{Sha256("library"), std::string(64, 'c')}}));
    }
  }
  ASSERT_OK_AND_ASSIGN(const CodeParts parts, MakeCodeParts(built_, store_));
  EXPECT_EQ(parts.library(0).sha256(), std::string(64, 'c'));
}

TEST_F(BundleTest, AnyFileThatWasTamperedWithIsRefused) {
  for (const std::string& file :
       {built_.worker, built_.modules[0], std::string(kLibrary),
        std::string(kSystemLibrary)}) {
    ASSERT_THAT(Install(), IsOk());
    const std::string path = bundle_ + "/" + file;
    ASSERT_OK_AND_ASSIGN(std::string content, ReadFile(path));
    content.back() ^= 1;
    // In place, so that the content that bundles share is damaged too.
    ASSERT_EQ(chmod(path.c_str(), 0644), 0);
    Put(path, content);
    const auto refused = StatusIs(
        absl::StatusCode::kDataLoss,
        AllOf(HasSubstr(path), HasSubstr("remove the bundle's directory")));
    EXPECT_THAT(Install(), refused) << file;
    EXPECT_THAT(
        CheckBundle(store_, std::filesystem::path(bundle_).filename().string()),
        refused);
    std::filesystem::remove_all(bundle_);
    EXPECT_THAT(Install(), IsOk()) << "what the message says must help";
    EXPECT_THAT(Install(), IsOk());
  }
}

TEST_F(BundleTest, AnEditedListOfPartsIsRefused) {
  ASSERT_THAT(Install(), IsOk());
  const std::string path = CodePartsPath(bundle_);
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  Put(path,
      absl::StrReplaceAll(text, {{Sha256("library"), Sha256("patched")}}));
  EXPECT_THAT(Install(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)));
}

TEST_F(BundleTest, ABundleThatDoesNotSayItsLibrariesIsRefused) {
  ASSERT_THAT(Install(), IsOk());
  Put(CodePartsPath(bundle_), "libtorch_lock: \"1\"");
  EXPECT_THAT(Install(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr("libraries")));
}

TEST_F(BundleTest, ABuildThatChangedInBetweenIsNotedWhileItIsCopied) {
  ASSERT_OK_AND_ASSIGN(const CodeParts parts, MakeCodeParts(built_, store_));
  const std::string path = built_.root + "/sys/libz.so.1.2.13";
  Put(path, "upgraded");
  EXPECT_THAT(InstallBundle(built_, parts, store_),
              StatusIs(absl::StatusCode::kAborted, HasSubstr(path)));
  EXPECT_FALSE(FileExists(store_.BundleDir(CodeDigest(parts))));
}

TEST_F(BundleTest, AMissingModuleIsNamed) {
  built_.modules.push_back("data/text/libnone.so");
  EXPECT_THAT(CodePart(built_), StatusIs(absl::StatusCode::kNotFound,
                                         HasSubstr("data/text/libnone.so")));
}

TEST_F(BundleTest, AMissingLibraryIsNamed) {
  built_.libraries.push_back("_solib_k8/a/liby.so");
  EXPECT_THAT(CodePart(built_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("a/liby.so")));
}

TEST(FindWorkerTest, AProgramWithoutRunfilesHasNone) {
  unsetenv("RUNFILES_DIR");
  unsetenv("RUNFILES_MANIFEST_FILE");
  EXPECT_THAT(FindWorker("/nowhere/transect"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no worker")));
}

}  // namespace
}  // namespace transect
