#include "launch/inputs/site.h"

#include <stdlib.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/resources.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SiteTest : public testing::Test {
 protected:
  SiteTest() : dir_(NewDir()) {
    unsetenv("TRANSECT_SITE");
    unsetenv("TRANSECT_STORE");
    setenv("XDG_CONFIG_HOME", dir_.c_str(), 1);
  }

  std::string dir_;
};

TEST_F(SiteTest, NoSiteFileIsAnEmptySite) {
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(""));
  EXPECT_EQ(site.path, "");
  EXPECT_EQ(StoreRoot("", site), "transect_store");
}

TEST_F(SiteTest, FlagWinsOverVariableOverDefaultPlace) {
  Put(dir_ + "/transect/site.textproto", "store: \"/default\"");
  Put(dir_ + "/variable", "store: \"/variable\"");
  Put(dir_ + "/flag", "store: \"/flag\"");
  EXPECT_EQ(LoadSite("")->site.store(), "/default");
  setenv("TRANSECT_SITE", (dir_ + "/variable").c_str(), 1);
  EXPECT_EQ(LoadSite("")->site.store(), "/variable");
  EXPECT_EQ(LoadSite(dir_ + "/flag")->site.store(), "/flag");
}

TEST_F(SiteTest, StoreComesFromFlagThenVariableThenSite) {
  SiteFile site;
  site.site.set_store("/site");
  EXPECT_EQ(StoreRoot("", site), "/site");
  setenv("TRANSECT_STORE", "/variable", 1);
  EXPECT_EQ(StoreRoot("", site), "/variable");
  EXPECT_EQ(StoreRoot("flag", site), "flag");
}

TEST_F(SiteTest, PathsAreRelativeToTheFile) {
  Put(dir_ + "/site", R"(
    store: "s"
    data { role: "rrsisd" path: "../sets/rrsisd" }
    tokenizer { role: "siglip" path: "/models/spiece.model" }
    weights { role: "siglip" path: "siglip-so400m-patch14-384" })");
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(dir_ + "/site"));
  EXPECT_EQ(site.site.store(), dir_ + "/s");
  EXPECT_THAT(
      FoundPath(site, Input::Kind::kData, "rrsisd"),
      IsOkAndHolds(dir_.substr(0, dir_.find_last_of('/')) + "/sets/rrsisd"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kTokenizer, "siglip"),
              IsOkAndHolds("/models/spiece.model"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kWeights, "siglip"),
              IsOkAndHolds(dir_ + "/siglip-so400m-patch14-384"));
}

TEST_F(SiteTest, ATildeIsTheHomeFolder) {
  setenv("HOME", "/people/me", 1);
  Put(dir_ + "/site", R"(
    store: "~/transect_store"
    data { role: "rrsisd" path: "~/data" }
    weights { role: "sam" path: "~" }
    weights { role: "odd" path: "~else/sam" })");
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(dir_ + "/site"));
  EXPECT_EQ(site.site.store(), "/people/me/transect_store");
  EXPECT_THAT(FoundPath(site, Input::Kind::kData, "rrsisd"),
              IsOkAndHolds("/people/me/data"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kWeights, "sam"),
              IsOkAndHolds("/people/me"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kWeights, "odd"),
              IsOkAndHolds(dir_ + "/~else/sam"));
  unsetenv("HOME");
  EXPECT_THAT(LoadSite(dir_ + "/site"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("~/transect_store"),
                             HasSubstr("HOME is not set"))));
}

TEST_F(SiteTest, GpusAreEntriesOfTheVariableEachOnce) {
  Put(dir_ + "/site", "gpu: ['0', 'GPU-8932f937', 'MIG-GPU-89/1/0']");
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(dir_ + "/site"));
  // Whatever the machine of this test has.
  unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_THAT(FindResources(site.site).gpus, SizeIs(3));
  for (const char* wrong :
       {"'cuda:0'", "''", "'0,1'", "'-1'", "'0' gpu: '0'"}) {
    Put(dir_ + "/site", absl::StrCat("gpu: ", wrong));
    EXPECT_THAT(LoadSite(dir_ + "/site"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(dir_ + "/site: gpu: ")))
        << wrong;
  }
  Put(dir_ + "/site", "gpu_memory_bytes: -1");
  EXPECT_THAT(LoadSite(dir_ + "/site"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("gpu_memory_bytes: -1")));
}

TEST_F(SiteTest, AnUnknownRoleSaysWhichLineIsMissingWhere) {
  Put(dir_ + "/site", "");
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(dir_ + "/site"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kData, "rrsisd"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(dir_ + "/site"),
                             HasSubstr("data { role: \"rrsisd\""))));
}

TEST_F(SiteTest, RefusesAFileThatIsNamedAndMissing) {
  EXPECT_THAT(LoadSite(dir_ + "/nothing"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nothing")));
}

TEST_F(SiteTest, RefusesPlacesWithoutPathAndRolesGivenTwice) {
  Put(dir_ + "/site", "data { role: \"a\" }");
  EXPECT_THAT(LoadSite(dir_ + "/site"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("both role and path")));
  Put(dir_ + "/site",
      "data { role: \"a\" path: \"b\" } data { role: \"a\" path: \"c\" }");
  EXPECT_THAT(LoadSite(dir_ + "/site"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("role 'a' twice")));
  Put(dir_ + "/site", "weights { path: \"a\" }");
  EXPECT_THAT(
      LoadSite(dir_ + "/site"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("weights {")));
}

}  // namespace
}  // namespace transect
