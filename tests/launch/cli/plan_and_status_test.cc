// Exit codes and messages of `transect plan` and `transect status`; how their
// screens look is tested in tests/launch/plan.
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
                              HasSubstr("Plan: nothing can start, because 1 "
                                        "input cannot be used.")));
  words.insert(words.end(), {"--format", "json"});
  const Said message = Call(words);
  EXPECT_EQ(message.code, 1);
  EXPECT_EQ(nlohmann::json::parse(message.out)["inputs"][0]["unusable"], true);
  words = {"run", "-n"};
  words.insert(words.end(), places.begin(), places.end());
  EXPECT_EQ(Call(words).code, 1);
}

}  // namespace
}  // namespace transect
