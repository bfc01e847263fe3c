#include "launch/store/digest_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::IsEmpty;

// Two files and a store.
class DigestCacheTest : public testing::Test {
 protected:
  DigestCacheTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    Put(root_ + "/a", "aaa");
    Put(root_ + "/b", "bbbb");
  }

  std::vector<FileDigest> Files() {
    return {*DescribeFile(root_ + "/a", "a"), *DescribeFile(root_ + "/b", "b")};
  }

  // Hashes what the cache called `key` does not know; returns the bytes hashed.
  int64_t Compute(const std::string& key, std::vector<FileDigest>* files) {
    int64_t hashed = 0;
    EXPECT_THAT(DigestCache(store_, key)
                    .Compute(
                        root_,
                        [&hashed](int64_t done, int64_t total) {
                          EXPECT_LE(done, total);
                          hashed = done;
                        },
                        files),
                IsOk());
    return hashed;
  }

  std::string root_ = NewDir();
  Store store_;
};

TEST_F(DigestCacheTest, HashesEachFileOnce) {
  std::vector<FileDigest> files = Files();
  EXPECT_EQ(Compute("key", &files), 3 + 4);
  EXPECT_EQ(files[0].sha256(), Sha256("aaa"));
  EXPECT_EQ(files[1].sha256(), Sha256("bbbb"));
  files = Files();
  EXPECT_EQ(Compute("key", &files), 0);
  EXPECT_EQ(files[1].sha256(), Sha256("bbbb"));
  files = Files();
  EXPECT_EQ(Compute("another key", &files), 3 + 4);
}

TEST_F(DigestCacheTest, AChangedFileIsHashedAgain) {
  std::vector<FileDigest> files = Files();
  Compute("key", &files);
  Put(root_ + "/b", "ccccc");
  files = Files();
  EXPECT_EQ(Compute("key", &files), 5);
  EXPECT_EQ(files[1].sha256(), Sha256("ccccc"));
}

// Whoever sets the time of modification back changes ctime.
TEST_F(DigestCacheTest, AChangeThatRestoresSizeAndTimeIsNoticed) {
  std::vector<FileDigest> files = Files();
  Compute("key", &files);
  struct stat before;
  ASSERT_EQ(stat((root_ + "/a").c_str(), &before), 0);
  std::ofstream(root_ + "/a", std::ios::in) << "xyz";
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, (root_ + "/a").c_str(), times, 0), 0);
  struct stat after;
  ASSERT_EQ(stat((root_ + "/a").c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_size, before.st_size);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  files = Files();
  EXPECT_EQ(Compute("key", &files), 3);
  EXPECT_EQ(files[0].sha256(), Sha256("xyz"));
}

TEST_F(DigestCacheTest, KeepsDigestsThatTheCallerMade) {
  std::vector<FileDigest> files = Files();
  files[0].set_sha256(Sha256("aaa"));
  EXPECT_EQ(Compute("key", &files), 4);
  files = Files();
  files[0].set_sha256(Sha256("aaa"));
  files[1].set_sha256(Sha256("bbbb"));
  EXPECT_EQ(Compute("another key", &files), 0);
  files = Files();
  EXPECT_EQ(Compute("another key", &files), 0);
  EXPECT_EQ(files[0].sha256(), Sha256("aaa"));
}

TEST_F(DigestCacheTest, FillReadsNoContent) {
  std::vector<FileDigest> files = Files();
  DigestCache(store_, "key").Fill(&files);
  EXPECT_THAT(files[0].sha256(), IsEmpty());
  EXPECT_FALSE(FileExists(store_.DigestCacheDir()));
  Compute("key", &files);
  files = Files();
  DigestCache(store_, "key").Fill(&files);
  EXPECT_EQ(files[0].sha256(), Sha256("aaa"));
}

TEST_F(DigestCacheTest, ABrokenCacheIsIgnored) {
  std::vector<FileDigest> files = Files();
  Compute("key", &files);
  for (const auto& entry :
       std::filesystem::directory_iterator(store_.DigestCacheDir())) {
    Put(entry.path().string(), "garbage {");
  }
  files = Files();
  EXPECT_EQ(Compute("key", &files), 3 + 4);
  EXPECT_EQ(files[0].sha256(), Sha256("aaa"));
}

// Nodes of a cluster give one file of one server different devices.
TEST_F(DigestCacheTest, FileSystemsOfTheNetworkAreKnown) {
  EXPECT_TRUE(IsOfTheNetwork(0x6969));
  EXPECT_TRUE(IsOfTheNetwork(0x0bd00bd0));
  // As a signed 32-bit f_type comes.
  EXPECT_TRUE(IsOfTheNetwork(static_cast<int32_t>(0xff534d42)));
  EXPECT_FALSE(IsOfTheNetwork(0xef53));      // ext4
  EXPECT_FALSE(IsOfTheNetwork(0x58465342));  // XFS
  EXPECT_FALSE(IsOfTheNetwork(0x01021994));  // tmpfs
}

}  // namespace
}  // namespace transect
