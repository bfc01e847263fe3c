#include "experiments/identity/run_inputs.h"

#include <string>
#include <utility>
#include <vector>

#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// A run that reads all that one run can: what is trained and what is published
// exclude each other.
RunSpec FoundRun() {
  RunSpec run = SampleRun();
  run.mutable_data()->mutable_found()->set_role("photos");
  run.mutable_tokenizer()->mutable_found()->set_role("pieces");
  FoundWeights* const weights = run.mutable_weights()->mutable_found();
  weights->set_siglip_role("towers");
  weights->set_sam_role("masks");
  run.mutable_weights()->mutable_adapters()->set_role("tuned");
  ResolveRun(&run);
  return run;
}

TEST(RunInputsTest, RowsAreInTheOrderOfTheNames) {
  for (size_t i = 0; i < kRunInputs.size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(kRunInputs[i].name), i);
    EXPECT_EQ(InfoOf(kRunInputs[i].name).text, kRunInputs[i].text);
  }
}

TEST(RunInputsTest, SourcesAreListedByName) {
  std::vector<std::pair<std::string, std::string>> roles;
  ASSERT_OK_AND_ASSIGN(const auto found, SourcesOf(FoundRun()));
  for (const auto& [name, input] : found) {
    const InputInfo& info = InfoOf(name);
    EXPECT_EQ(input.kind, info.kind) << info.text;
    EXPECT_FALSE(input.made()) << info.text;
    roles.emplace_back(info.text, input.role);
  }
  EXPECT_THAT(roles,
              ElementsAre(Pair("data", "photos"), Pair("tokenizer", "pieces"),
                          Pair("siglip", "towers"), Pair("sam", "masks"),
                          Pair("adapters", "tuned")));
  RunSpec trained = SampleRunFromTrained();
  ResolveRun(&trained);
  ASSERT_OK_AND_ASSIGN(const auto made, SourcesOf(trained));
  ASSERT_EQ(made.size(), 3);
  EXPECT_EQ(made[2].first, InputName::kWeights);
  for (const auto& [name, input] : made) {
    EXPECT_TRUE(input.made());
    EXPECT_EQ(input.kind, InfoOf(name).kind);
  }
}

// Whatever the list knows by a role or a recipe is erased: a forgotten line in
// ClearSources would put names of the site file into ids.
TEST(RunInputsTest, WithoutSourcesNoRoleIsLeft) {
  for (RunSpec run : {FoundRun(), SampleRunFromTrained()}) {
    ClearSources(&run);
    const std::string text = run.DebugString();
    for (const char* gone :
         {"role", "synthesis", "sentencepiece", "trained", "found", "random"}) {
      EXPECT_EQ(text.find(gone), std::string::npos) << gone << " in\n" << text;
    }
  }
}

TEST(RunInputsTest, KindsHaveNames) {
  EXPECT_EQ(KindName(InputKind::kData), "data");
  EXPECT_EQ(KindName(InputKind::kTokenizer), "tokenizer");
  EXPECT_EQ(KindName(InputKind::kWeights), "weights");
}

}  // namespace
}  // namespace transect
