// Exit codes and messages of `transect plan` and `transect status`; how their
// screens look is tested in tests/launch/plan.
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSpec[] = "tests/e2e/tiny.textproto";

TEST(StatusVerbTest, StatusIsAMessageToo) {
  const Said said = Call(
      {"status", kSpec, "--format", "json", "--store", NewDir() + "/store"});
  EXPECT_EQ(said.code, 2);
  const nlohmann::json json = nlohmann::json::parse(said.out);
  EXPECT_EQ(json["formatVersion"], 1);
  EXPECT_EQ(json["runs"], 4);
  EXPECT_EQ(json["counts"][0]["state"], "NEW");
}

// The directory is there and holds adapters of another rank than the spec's.
std::string SiteWithWrongAdapters() {
  const std::string dir = NewDir();
  const std::string adapters = dir + "/adapters/sam_vision";
  Put(adapters + "/adapter_config.json",
      R"({"peft_type": "LORA", "r": 3, "lora_alpha": 3})");
  // A header without tensors.
  Put(adapters + "/adapter_model.safetensors",
      std::string("\2\0\0\0\0\0\0\0{}", 10));
  Put(dir + "/site.textproto", "weights { role: 'mine' path: 'adapters' }\n");
  return dir + "/site.textproto";
}

TEST(PlanVerbTest, APlanWithAnInputThatCannotBeUsedExitsWithOne) {
  const std::string spec = NewDir() + "/adapted.textproto";
  Put(spec, absl::StrCat("name: 'adapted' include: '",
                         std::filesystem::absolute(kSpec).string(),
                         "' base { weights { random {} adapters { role: 'mine' "
                         "parts: SAM_VISION } } }\n"));
  const std::string store = NewDir() + "/store";
  const std::vector<std::string> places = {spec, "--store", store, "--site",
                                           SiteWithWrongAdapters()};
  std::vector<std::string> words = {"plan"};
  words.insert(words.end(), places.begin(), places.end());
  const Said plan = Call(words);
  EXPECT_EQ(plan.code, 1);
  EXPECT_EQ(plan.err, "");
  EXPECT_THAT(plan.out, AllOf(HasSubstr("unusable"),
                              HasSubstr("sam_vision/adapter_config.json"),
                              HasSubstr("r is 3, must be 16"),
                              HasSubstr("Plan: 4 runs cannot start, for 1 "
                                        "reason: the line \"stop\" above.")));
  words.insert(words.end(), {"--format", "json"});
  const Said message = Call(words);
  EXPECT_EQ(message.code, 1);
  EXPECT_EQ(nlohmann::json::parse(message.out)["inputs"][0]["unusable"], true);
  words = {"run", "-n"};
  words.insert(words.end(), places.begin(), places.end());
  EXPECT_EQ(Call(words).code, 1);
}

constexpr char kTables[] = "experiments/rsrefseg_tables.textproto";

// The tables of the paper on a machine that has nothing of what they take.
class TablesTest : public testing::Test {
 protected:
  TablesTest() : dir_(NewDir()) {
    setenv("XDG_CONFIG_HOME", dir_.c_str(), 1);
    setenv("CUDA_VISIBLE_DEVICES", "", 1);
    unsetenv("TRANSECT_SITE");
  }

  std::string dir_;
};

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

constexpr const char* kRoles[] = {
    "data role 'rrsisd'", "tokenizer role 'siglip'", "weights role 'siglip'",
    "weights role 'sam-b'", "weights role 'sam-l'"};

TEST_F(TablesTest, APlanSaysWhyNothingCanStartHereAndGivesNoTime) {
  const Said said = Call({"plan", kTables, "--store", dir_ + "/store"});
  EXPECT_EQ(said.code, 1);
  for (const char* role : kRoles) {
    EXPECT_EQ(Count(said.out, absl::StrCat("stop   ", role)), 1) << said.out;
    EXPECT_EQ(Count(said.out, role), 1) << "each once";
  }
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr("stop   27 jobs take 8 GPUs each, and none can be used "
                      "here ("),
            HasSubstr("stop   training.device is CUDA in 27 jobs"),
            HasSubstr("Plan: 27 runs cannot start, for 7 reasons"),
            Not(HasSubstr(" here on ")), HasSubstr("gpu-h"),
            HasSubstr("priced with the sizes of RRSIS-D as published")));
  const Said json =
      Call({"plan", kTables, "--store", dir_ + "/store", "--format", "json"});
  EXPECT_EQ(json.code, 1);
  const nlohmann::json plan = nlohmann::json::parse(json.out);
  EXPECT_EQ(plan["obstacles"].size(), 7);
  EXPECT_FALSE(plan["total"].contains("wallSeconds"));
}

TEST_F(TablesTest, ARunTellsAllReasonsEachOnceAndMakesNothing) {
  const Said said = Call({"run", kTables, "--store", dir_ + "/store"});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.out, "");
  for (const char* role : kRoles) {
    EXPECT_EQ(Count(said.err, role), 1) << said.err;
  }
  EXPECT_THAT(said.err, AllOf(StartsWith("nothing can start:\n"),
                              HasSubstr("27 jobs take 8 GPUs each")));
  EXPECT_EQ(Count(said.err, "\n"), 8);
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/store"));
}

TEST_F(TablesTest, ASiteFileOfEightGpusRunsThemOneAfterAnother) {
  setenv("HOME", dir_.c_str(), 1);
  Put(dir_ + "/site",
      "store: '~/store'\n"
      "gpu: ['0', '1', '2', '3', '4', '5', '6', '7']\n"
      "data { role: 'rrsisd' path: '~/nowhere' }\n"
      "tokenizer { role: 'siglip' path: '~/nowhere' }\n");
  unsetenv("CUDA_VISIBLE_DEVICES");
  const std::vector<std::string> words = {"plan",         kTables,    "--site",
                                          dir_ + "/site", "--format", "json"};
  const Said said = Call(words);
  EXPECT_EQ(said.code, 1);
  const nlohmann::json plan = nlohmann::json::parse(said.out);
  EXPECT_EQ(plan["store"], dir_ + "/store");
  EXPECT_EQ(plan["total"]["gpus"], 8);
  double sum = 0;
  for (const nlohmann::json& run : plan["runs"]) {
    sum += run["price"]["seconds"]["value"].get<double>();
  }
  EXPECT_NEAR(plan["total"]["wallSeconds"]["value"].get<double>(), sum,
              1e-6 * sum);
  EXPECT_THAT(said.out, HasSubstr(absl::StrCat("data role 'rrsisd': ", dir_,
                                               "/nowhere does not exist")));
  EXPECT_THAT(said.out,
              HasSubstr(absl::StrCat("tokenizer role 'siglip': ", dir_,
                                     "/nowhere does not exist")));
  // The variable leaves four.
  setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7", 1);
  EXPECT_THAT(Call(words).out,
              HasSubstr("27 jobs take 8 GPUs each, and 4 can be used here (the "
                        "site file names 8, CUDA_VISIBLE_DEVICES=4,5,6,7 "
                        "leaves 4)"));
}

TEST_F(TablesTest, ABudgetThatIsTooSmallSaysWhatWouldDo) {
  const std::string store = dir_ + "/store";
  const Said small =
      Call({"plan", kTables, "--store", store, "--budget", "40gpuh"});
  EXPECT_EQ(small.code, 1);
  EXPECT_THAT(small.err, HasSubstr("selector seed=1, costs about 18.7, which "
                                   "the budget pays for"));
  const Said one =
      Call({"plan", kTables, "seed=1", "--store", store, "--budget", "40gpuh"});
  EXPECT_THAT(one.out, HasSubstr("budget 40 gpu-h pays for 2 of 9 cells"));
}

}  // namespace
}  // namespace transect
