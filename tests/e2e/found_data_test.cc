// Data sets that the site file names: hashed once, looked at before anything
// starts.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A copy of the aerial data set that FilledStore made, as somebody's download.
std::string CopyOfData() {
  const std::string copy = NewDir() + "/rrsisd";
  for (const std::string& job : JobDirs(FilledStore())) {
    const absl::StatusOr<std::string> spec = ReadFile(job + "/spec.textproto");
    if (FileExists(job + "/data/rrsisd") && spec.ok() &&
        absl::StrContains(*spec, "AERIAL")) {
      fs::copy(job + "/data", copy, fs::copy_options::recursive);
    }
  }
  return copy;
}

std::string SiteWithData(const std::string& root) {
  const std::string site = NewDir() + "/site.textproto";
  Put(site, absl::StrCat("data { role: \"rrsisd\" path: \"", root, "\" }"));
  return site;
}

// The tiny experiment on the data set "rrsisd" of a site file, one seed.
std::string ExperimentOnFoundData() {
  const std::string path = TinyExperiment();
  const std::string upper =
      fs::path(path).parent_path().string() + "/found.textproto";
  Put(upper,
      "name: \"found\" include: \"tiny.textproto\" seeds: [1]\n"
      "base { data { found { role: \"rrsisd\" } } }\n");
  return upper;
}

TEST(FoundDataTest, AFoundDataSetThatIsNotThereIsOneMessageBeforeAnything) {
  const std::string store = NewDir() + "/store";
  const std::string experiment = ExperimentOnFoundData();
  const std::string site = NewDir() + "/site.textproto";
  Put(site, "");
  const Ended unknown =
      Transect({"run", experiment, "--store", store, "--site", site});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_EQ(std::ranges::count(unknown.err, '\n'), 1) << unknown.err;
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("'rrsisd'"), HasSubstr(site)));
  Put(site, "data { role: \"rrsisd\" path: \"/nowhere/rrsisd\" }");
  const Ended missing =
      Transect({"run", experiment, "--store", store, "--site", site});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(std::ranges::count(missing.err, '\n'), 1) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/rrsisd"));
  EXPECT_FALSE(FileExists(store));
  const Ended plan =
      Transect({"plan", experiment, "--store", store, "--site", site});
  EXPECT_EQ(plan.code, 1);
  EXPECT_THAT(plan.out, AllOf(HasSubstr("unusable"), HasSubstr("pending"),
                              HasSubstr("/nowhere/rrsisd"),
                              HasSubstr("cannot start, for 1 reason")));
}

TEST(FoundDataTest, AFoundDataSetIsHashedAndUsed) {
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> flags = {ExperimentOnFoundData(), "--store",
                                          store, "--site",
                                          SiteWithData(CopyOfData())};
  std::vector<std::string> command = {"run"};
  command.insert(command.end(), flags.begin(), flags.end());
  const Ended run = Transect(command);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("hashing data 'rrsisd'"));
  const Ended again = Transect(command);
  EXPECT_EQ(again.out, run.out);
  EXPECT_THAT(again.err,
              AllOf(HasSubstr("0 jobs to start"), Not(HasSubstr("hashing"))));
}

// One of the images of each split, cut in half.
TEST(FoundDataTest, ImagesThatCannotBeReadAreToldBeforeTheFirstRun) {
  const std::string root = CopyOfData();
  const std::string images = root + "/images/rrsisd/JPEGImages/";
  for (const char* name : {"00007.jpg", "00203.jpg"}) {
    fs::resize_file(images + name, fs::file_size(images + name) / 2);
  }
  const std::string store = NewStore({"inputs"});
  setenv("XDG_CACHE_HOME", NewDir().c_str(), 1);
  std::vector<std::string> words = {"run",     ExperimentOnFoundData(),
                                    "--store", store,
                                    "--site",  SiteWithData(root)};
  for (const bool again : {false, true}) {
    const Ended run = Transect(words);
    EXPECT_EQ(run.code, 1) << again;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(
        run.err,
        AllOf(HasSubstr("checking all images of data 'rrsisd'"),
              HasSubstr("image_unreadable"),
              HasSubstr("    train 7: cannot decode " + images + "00007.jpg"),
              HasSubstr("    val 203: cannot decode " + images + "00203.jpg"),
              HasSubstr("policy { image_unreadable: DROP }"),
              HasSubstr("nothing was started: the runs would stop at the "
                        "defects above; `transect data check " +
                        root + "` lists all")));
    EXPECT_FALSE(FileExists(store + "/runs"));
  }
  // Now a plan knows it too.
  words[0] = "plan";
  const Ended plan = Transect(words);
  EXPECT_EQ(plan.code, 1);
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("a run would stop: "),
                    HasSubstr("stop   data role 'rrsisd' has records at which "
                              "runs would stop")));
  words[0] = "run";
  words.insert(words.end(),
               {"--set", "data.found.policy.image_unreadable=DROP"});
  const Ended dropped = Transect(words);
  EXPECT_EQ(dropped.code, 0) << dropped.err;
  EXPECT_THAT(dropped.err, HasSubstr("checking all images"));
  // The content is known, whatever becomes of the user's cache.
  unsetenv("XDG_CACHE_HOME");
  words.push_back("--set");
  words.push_back("training.steps=2");
  const Ended other = Transect(words);
  EXPECT_EQ(other.code, 0) << other.err;
  EXPECT_THAT(other.err, Not(HasSubstr("checking all images")));
}

}  // namespace
}  // namespace transect
