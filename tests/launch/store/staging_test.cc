#include "launch/store/staging.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

TEST(StagingTest, ANewAttemptTakesTheStagingOfEarlierOnesAway) {
  const std::string job = NewDir();
  ASSERT_THAT(MakeNextAttempt(job), IsOkAndHolds(1));
  ASSERT_THAT(BeginStaging(job, 1), IsOk());
  const std::string first = StagingDir(AttemptDir(job, 1));
  ASSERT_THAT(WriteFile(first + "/result", "of the first"), IsOk());
  ASSERT_THAT(WriteFile(TemporaryPath(job + "/spec.textproto"), "half"),
              IsOk());
  ASSERT_THAT(WriteFile(TemporaryPath(AttemptDir(job, 1) + "/x"), "half"),
              IsOk());

  ASSERT_THAT(MakeNextAttempt(job), IsOkAndHolds(2));
  ASSERT_THAT(BeginStaging(job, 2), IsOk());
  // The first attempt, stopped before its rename, goes on.
  EXPECT_THAT(RenameNew(first + "/result", job + "/result"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ListDirectory(job), IsOkAndHolds(ElementsAre("attempts")));
  EXPECT_THAT(ListDirectory(AttemptDir(job, 1)), IsOkAndHolds(ElementsAre()));
  EXPECT_THAT(ListDirectory(AttemptDir(job, 2)),
              IsOkAndHolds(ElementsAre("staging")));
  EndStaging(AttemptDir(job, 2));
  EXPECT_THAT(ListDirectory(AttemptDir(job, 2)), IsOkAndHolds(ElementsAre()));
}

TEST(StagingTest, LeftoversOfDeadWritersGoAfterADay) {
  ASSERT_OK_AND_ASSIGN(const Store store, Store::OpenOrCreate(NewDir()));
  ASSERT_THAT(MakeDirs(store.ThroughputDir()), IsOk());
  const std::string fresh = TemporaryPath(store.ThroughputPath("key"));
  const std::string old = TemporaryPath(store.ThroughputPath("key"));
  for (const std::string& path : {fresh, old}) {
    ASSERT_THAT(WriteFile(path, "half"), IsOk());
  }
  const timespec long_ago[2] = {};
  ASSERT_EQ(utimensat(AT_FDCWD, old.c_str(), long_ago, 0), 0);
  RemoveLeftovers(store);
  EXPECT_TRUE(FileExists(fresh));
  EXPECT_FALSE(FileExists(old));
}

}  // namespace
}  // namespace transect
