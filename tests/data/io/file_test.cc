#include "data/io/file.h"

#include <sys/stat.h>
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

using ::testing::HasSubstr;

std::string TempPath(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

int EntriesOf(const std::string& directory) {
  int entries = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(directory)) {
    ++entries;
  }
  return entries;
}

TEST(FileTest, WritesAndReadsBytesOfAnyValue) {
  const std::string path = TempPath("bytes");
  std::string bytes;
  for (int i = 0; i < 3'000'000; ++i) {
    bytes.push_back(static_cast<char>(i * 7));
  }
  ASSERT_THAT(WriteFileAtomic(path, bytes), IsOk());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(bytes));
  ASSERT_THAT(WriteFile(path, "short"), IsOk());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("short")));
  EXPECT_THAT(SyncFileSystem(path), IsOk());
}

TEST(FileTest, AtomicWriteReplacesAndLeavesNothingElseBehind) {
  const std::string directory = TempPath("atomic");
  ASSERT_THAT(MakeDirs(directory), IsOk());
  ASSERT_THAT(WriteFileAtomic(directory + "/a", "old"), IsOk());
  ASSERT_THAT(WriteFileAtomic(directory + "/a", "new"), IsOk());
  EXPECT_THAT(ReadFile(directory + "/a"), IsOkAndHolds(std::string("new")));
  EXPECT_EQ(EntriesOf(directory), 1);
}

TEST(FileTest, AFailedAtomicWriteKeepsTheOldFileAndDropsTheTemporaryOne) {
  // A directory cannot be replaced by a file: the rename fails, after the
  // write.
  const std::string directory = TempPath("failed");
  ASSERT_THAT(MakeDirs(directory + "/a/inside"), IsOk());
  EXPECT_FALSE(WriteFileAtomic(directory + "/a", "new").ok());
  EXPECT_EQ(EntriesOf(directory), 1);
  EXPECT_TRUE(FileExists(directory + "/a/inside"));
}

TEST(FileTest, AFullDiskIsResourceExhausted) {
  if (access("/dev/full", W_OK) != 0) {
    GTEST_SKIP() << "no /dev/full here";
  }
  EXPECT_THAT(
      WriteFile("/dev/full", "x"),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("/dev/full")));
}

TEST(FileTest, ErrorsNameThePathAndTheReason) {
  EXPECT_THAT(ReadFile("/no/such/file"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/no/such/file: No such file")));
  EXPECT_THAT(ReadFile(::testing::TempDir()).status().message(),
              HasSubstr("Is a directory"));
  EXPECT_THAT(WriteFileAtomic("/no/such/directory/x", ""),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such")));
  EXPECT_THAT(Sha256OfFile("/no/such/file"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such")));
  EXPECT_THAT(FsyncDir("/no/such/directory"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such")));
}

TEST(FileTest, AFileLargerThanAllowedIsRefused) {
  const std::string path = TempPath("limit");
  ASSERT_THAT(WriteFileAtomic(path, "12345"), IsOk());
  EXPECT_THAT(ReadFile(path, 5), IsOkAndHolds(std::string("12345")));
  EXPECT_THAT(ReadFile(path, 4), StatusIs(absl::StatusCode::kResourceExhausted,
                                          HasSubstr("4 bytes allowed")));
}

TEST(FileTest, MakesDirectoriesOnceAndRefusesAFileInTheWay) {
  const std::string directory = TempPath("dirs/a/b");
  EXPECT_THAT(MakeDirs(directory), IsOk());
  EXPECT_THAT(MakeDirs(directory), IsOk());
  ASSERT_THAT(WriteFileAtomic(directory + "/file", ""), IsOk());
  EXPECT_FALSE(MakeDirs(directory + "/file").ok());
  EXPECT_THAT(MakeDirs(directory + "/file/below").message(),
              HasSubstr(directory + "/file/below: Not a directory"));
}

TEST(FileTest, ATemporaryFileOfAnotherWriterIsNeitherInTheWayNorRemoved) {
  const std::string directory = TempPath("temporary");
  ASSERT_THAT(MakeDirs(directory), IsOk());
  // As writers in another container with the same process number name theirs.
  const std::string other = absl::StrCat(directory, "/a.tmp.", getpid(), ".0");
  const std::string random = TemporaryPath(directory + "/a");
  ASSERT_THAT(WriteFile(other, "other"), IsOk());
  ASSERT_THAT(WriteFile(random, "half"), IsOk());
  ASSERT_THAT(WriteFileAtomic(directory + "/a", "mine"), IsOk());
  EXPECT_THAT(ReadFile(other), IsOkAndHolds(std::string("other")));
  EXPECT_THAT(ReadFile(random), IsOkAndHolds(std::string("half")));

  RemoveTemporaryFiles(directory, /*min_age_seconds=*/3600);
  EXPECT_TRUE(FileExists(random));
  RemoveTemporaryFiles(directory, /*min_age_seconds=*/0);
  EXPECT_FALSE(FileExists(random));
  EXPECT_THAT(ReadFile(directory + "/a"), IsOkAndHolds(std::string("mine")));
  RemoveTemporaryFiles(directory + "/missing", 0);
}

TEST(FileTest, RenameNewNeverReplaces) {
  const std::string directory = TempPath("rename");
  ASSERT_THAT(MakeDirs(directory + "/full/inside"), IsOk());
  ASSERT_THAT(WriteFile(directory + "/first", "1"), IsOk());
  ASSERT_THAT(WriteFile(directory + "/second", "2"), IsOk());
  EXPECT_THAT(RenameNew(directory + "/first", directory + "/result"), IsOk());
  EXPECT_THAT(RenameNew(directory + "/second", directory + "/result"),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr("/result exists already")));
  EXPECT_THAT(ReadFile(directory + "/result"), IsOkAndHolds(std::string("1")));
  EXPECT_TRUE(FileExists(directory + "/second"));
  ASSERT_THAT(MakeDirs(directory + "/new"), IsOk());
  EXPECT_THAT(RenameNew(directory + "/new", directory + "/full"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(RenameNew(directory + "/missing", directory + "/other"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(FileTest, CopiesWithTheModeAndNeverOverAFile) {
  const std::string source = TempPath("source");
  const std::string target = TempPath("target");
  ASSERT_THAT(WriteFile(source, std::string(3'000'000, 'x')), IsOk());
  ASSERT_THAT(CopyFile(source, target, 0500), IsOk());
  EXPECT_THAT(Sha256OfFile(target), IsOkAndHolds(*Sha256OfFile(source)));
  struct stat info;
  ASSERT_EQ(stat(target.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0500u);
  EXPECT_THAT(CopyFile(source, target, 0500),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(LinkOrCopy(source, TempPath("linked"), 0444), IsOk());
  ASSERT_EQ(stat(TempPath("linked").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 2u);
}

TEST(FileTest, Sha256AgreesWithThePublishedVectors) {
  // FIPS 180-4 examples.
  EXPECT_EQ(Sha256(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string path = TempPath("sha");
  ASSERT_THAT(WriteFileAtomic(path, std::string(1'000'000, 'a')), IsOk());
  EXPECT_THAT(
      Sha256OfFile(path),
      IsOkAndHolds(std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200"
                               "e046d39ccc7112cd0")));
}

}  // namespace
}  // namespace transect
