#include "launch/upkeep/views.h"

#include <filesystem>
#include <string>

#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

TEST(ViewsTest, LinksLeadToTheRunsAndAreReplaced) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  const std::string run = store.RunDir("00112233", "fedcba987654");
  Put(run + "/out", "abc");
  ASSERT_OK_AND_ASSIGN(const std::string view,
                       MakeView(store, "mine",
                                {{"d", "rank=2 text=ZERO", "seed=1", run},
                                 {"d", "rank=2 text=ZERO", "seed=1", "/other"},
                                 {"d", "a/../b", "seed=2", run}}));
  EXPECT_EQ(view, store.root() + "/views/mine");
  EXPECT_THAT(ReadFile(view + "/d/rank=2,text=ZERO/seed=1/out"),
              IsOkAndHolds("abc"));
  EXPECT_THAT(ReadFile(view + "/d/a_.._b/seed=2/out"), IsOkAndHolds("abc"));
  // They hold where the store is moved.
  const std::string moved = NewDir() + "/moved";
  std::filesystem::rename(store.root(), moved);
  EXPECT_THAT(ReadFile(moved + "/views/mine/d/a_.._b/seed=2/out"),
              IsOkAndHolds("abc"));
  std::filesystem::rename(moved, store.root());
  ASSERT_THAT(MakeView(store, "mine", {{"d", "base", "seed=1", run}}), IsOk());
  EXPECT_THAT(ListDirectory(view + "/d"), IsOkAndHolds(ElementsAre("base")));
  EXPECT_THAT(ListDirectory(store.root() + "/views"),
              IsOkAndHolds(ElementsAre("mine")));
}

TEST(ViewsTest, NamesCanStandInAPath) {
  EXPECT_EQ(ViewName("lr=3e-4 tuned"), "lr=3e-4,tuned");
  EXPECT_EQ(ViewName("../a\x1b"), "_.._a_");
  EXPECT_EQ(ViewName(""), "_");
  EXPECT_LE(ViewName(std::string(500, 'a')).size(), 120u);
}

}  // namespace
}  // namespace transect
