#include "data/io/new_directory.h"

#include <stdlib.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string NewDir() {
  std::string path = absl::StrCat(testing::TempDir(), "directory.XXXXXX");
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

bool IsEmptyDirectory(const std::string& path) {
  return std::filesystem::is_empty(path);
}

TEST(MakeNewDirectoryTest, AppearsWhenItIsComplete) {
  const std::string dir = NewDir();
  // With a slash at its end, as a shell completes it; parents are made.
  const std::string path = dir + "/parent/out/";
  EXPECT_THAT(MakeNewDirectory(path,
                               [&](const std::string& directory) {
                                 EXPECT_FALSE(FileExists(path));
                                 return WriteFile(directory + "/file", "abc");
                               }),
              IsOk());
  EXPECT_THAT(ReadFile(path + "/file"), IsOkAndHolds("abc"));
  // Nothing beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir + "/parent"),
                          std::filesystem::directory_iterator()),
            1);
}

TEST(MakeNewDirectoryTest, AnErrorLeavesNothing) {
  const std::string dir = NewDir();
  EXPECT_THAT(MakeNewDirectory(
                  dir + "/out",
                  [](const std::string& directory) {
                    EXPECT_THAT(WriteFile(directory + "/file", "abc"), IsOk());
                    return absl::DataLossError("broken");
                  }),
              StatusIs(absl::StatusCode::kDataLoss, "broken"));
  EXPECT_TRUE(IsEmptyDirectory(dir));
}

TEST(MakeNewDirectoryTest, WhatExistsIsNotTouched) {
  const std::string dir = NewDir();
  ASSERT_THAT(WriteFile(dir + "/out", "mine"), IsOk());
  bool called = false;
  EXPECT_THAT(MakeNewDirectory(dir + "/out",
                               [&called](const std::string&) {
                                 called = true;
                                 return absl::OkStatus();
                               }),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("/out")));
  EXPECT_FALSE(called);
  EXPECT_THAT(ReadFile(dir + "/out"), IsOkAndHolds("mine"));
}

TEST(RemoveUnfinishedTest, RemovesWhatAKilledMakerLeftAndNothingElse) {
  const std::string dir = NewDir();
  for (const char* name : {"out.making.1", "out.making.22", "out.textproto",
                           "out", "outer.making.1"}) {
    ASSERT_THAT(MakeDirs(absl::StrCat(dir, "/", name, "/below")), IsOk());
  }
  EXPECT_THAT(RemoveUnfinished(dir + "/out/"), IsOk());
  EXPECT_THAT(
      ListDirectory(dir),
      IsOkAndHolds(ElementsAre("out", "out.textproto", "outer.making.1")));
  EXPECT_THAT(RemoveUnfinished(dir + "/nowhere/out"), IsOk());
}

}  // namespace
}  // namespace transect
