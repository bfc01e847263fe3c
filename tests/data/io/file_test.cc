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
  EXPECT_FALSE(MakeDirs(directory + "/file/below").ok());
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
