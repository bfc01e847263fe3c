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
    EXPECT_THAT(
        LoadSite(dir_ + "/site"),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(": gpu[")))
        << wrong;
  }
  Put(dir_ + "/site", "gpu_memory_bytes: -1");
  EXPECT_THAT(LoadSite(dir_ + "/site"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       dir_ + "/site:1:1: gpu_memory_bytes: is -1, must be 0 "
                              "or more"));
}

TEST_F(SiteTest, TheTimeOfALeaseHasADefaultAndARange) {
  Put(dir_ + "/site", "");
  EXPECT_EQ(LoadSite(dir_ + "/site")->site.lease_seconds(), 60);
  for (const char* wrong : {"0", "-1", "3601"}) {
    Put(dir_ + "/site", absl::StrCat("\nlease_seconds: ", wrong));
    EXPECT_THAT(LoadSite(dir_ + "/site"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat(dir_, "/site:2:1: lease_seconds: is ",
                                      wrong, ", must be 1 to 3600")));
  }
}

TEST_F(SiteTest, AnUnknownRoleSaysWhichLineIsMissingWhere) {
  Put(dir_ + "/site", "");
  ASSERT_OK_AND_ASSIGN(const SiteFile site, LoadSite(dir_ + "/site"));
  EXPECT_THAT(FoundPath(site, Input::Kind::kData, "rrsisd"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(dir_ + "/site"),
                             HasSubstr("; add a line: data { role: "
                                       "\"rrsisd\""))));
  // A slip comes with what was meant.
  Put(dir_ + "/site", "data { role: 'rsisd' path: '/x' }");
  ASSERT_OK_AND_ASSIGN(const SiteFile slip, LoadSite(dir_ + "/site"));
  EXPECT_THAT(FoundPath(slip, Input::Kind::kData, "rrsisd"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("; did you mean \"rsisd\"? Else add a line: "
                                 "data { role: \"rrsisd\"")));
}

TEST_F(SiteTest, RefusesAFileThatIsNamedAndMissing) {
  EXPECT_THAT(LoadSite(dir_ + "/nothing"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("site file " + dir_ + "/nothing"),
                             HasSubstr("`transect help site`"))));
  EXPECT_THAT(LoadSite(dir_).status().message(),
              AllOf(HasSubstr("site file " + dir_), HasSubstr("directory")));
}

TEST_F(SiteTest, AllThatIsWrongIsToldAtOnceWithItsPlace) {
  Put(dir_ + "/site",
      "data { role: 'a' path: 'b' }\n"
      "data { role: 'a' path: 'c' }\n"
      "weights { path: 'a' }\n"
      "tokenizer { role: 't' }\n"
      "gpu: 'x'\n");
  const std::string site = dir_ + "/site";
  EXPECT_THAT(
      LoadSite(site),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat(
              site, ":2:1: data[1]: names role 'a' again, which ", site,
              ":1:1 has; leave one of the two\n", site,
              ":4:1: tokenizer[0]: has no path, must have both: tokenizer { "
              "role: \"t\" path: \"/...\" }\n",
              site,
              ":3:1: weights[0]: has no role, must have both: weights { role: "
              "\"NAME\" path: \"a\" }\n",
              site,
              ":5:1: gpu[0]: is \"x\", must be a number from 0, or a name that "
              "begins with GPU- or MIG-, as `nvidia-smi -L` shows them; one "
              "for "
              "each `gpu` field")));
  Put(site, "stor: 'x'\nweigts { role: 'a' path: 'b' }\n");
  EXPECT_THAT(LoadSite(site),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(":1:1: "), HasSubstr("\"store\"?\n"),
                             HasSubstr(":2:1: "), HasSubstr("\"weights\"?"))));
}

TEST_F(SiteTest, SlurmIsCheckedAndHasDefaults) {
  Put(dir_ + "/site", "slurm { partition: \"gpu\" }\n");
  const absl::StatusOr<SiteFile> site = LoadSite(dir_ + "/site");
  ASSERT_THAT(site, IsOk());
  EXPECT_EQ(site->site.slurm().max_slots(), 16);
  EXPECT_TRUE(site->site.slurm().requeue());
  for (const auto& [field, wrong] :
       {std::pair("signal_seconds: 0", "slurm.signal_seconds: is 0"),
        std::pair("max_array_size: 1", "slurm.max_array_size: is 1"),
        std::pair("ranks_per_node: -1", "slurm.ranks_per_node: is -1"),
        std::pair("max_slots: 0", "slurm.max_slots: is 0"),
        std::pair("poll_seconds: 0", "slurm.poll_seconds: is 0"),
        std::pair("scratch: \"tmp\"", "must be an absolute path"),
        std::pair("option: \"exclude=n7\"", "must be an option of sbatch"),
        std::pair("qos: \"a\\nb\"", "is no single line")}) {
    Put(dir_ + "/site", absl::StrCat("slurm { ", field, " }\n"));
    EXPECT_THAT(std::string(LoadSite(dir_ + "/site").status().message()),
                testing::HasSubstr(wrong))
        << field;
  }
}

}  // namespace
}  // namespace transect
