// Identities of runs whose inputs were found.

#include <string>

#include "experiments/identity/run_id.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/identity/run_ids.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::MatchesRegex;

class FoundInputsTest : public testing::Test {
 protected:
  // SampleRun with data and tokenizer found under these roles.
  static RunSpec Run(const std::string& data, const std::string& tokenizer) {
    RunSpec run = SampleRun();
    run.mutable_data()->mutable_found()->set_role(data);
    run.mutable_tokenizer()->mutable_found()->set_role(tokenizer);
    return run;
  }
};

TEST_F(FoundInputsTest, ContentDecidesAndNotTheName) {
  const InputIdentities found = {
      {"data/a", "1"}, {"data/b", "1"}, {"data/c", "2"}, {"tokenizer/t", "3"}};
  EXPECT_THAT(Id(Run("a", "t"), found), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(Id(Run("a", "t"), found), Id(Run("b", "t"), found));
  EXPECT_NE(Id(Run("a", "t"), found), Id(Run("c", "t"), found));
}

TEST_F(FoundInputsTest, WhatIsNotHashedIsPendingAndStaysApart) {
  const InputIdentities found = {{"tokenizer/t", "3"}};
  const std::string a = Id(Run("a", "t"), found);
  EXPECT_TRUE(IsPending(a)) << a;
  EXPECT_NE(a, Id(Run("b", "t"), found));
  EXPECT_FALSE(IsPending(Id(SampleRun())));
}

TEST_F(FoundInputsTest, WeightsTrainedOnPendingDataArePending) {
  RunSpec run = SampleRunFromTrained();
  Inner(&run)->mutable_data()->mutable_found()->set_role("photos");
  EXPECT_TRUE(IsPending(Id(run)));
  EXPECT_FALSE(IsPending(Id(run, {{"data/photos", "1"}})));
}

TEST_F(FoundInputsTest, PublishedWeightsAndAdaptersByContent) {
  const auto id = [](const std::string& siglip, const std::string& sam,
                     const std::string& adapters,
                     const InputIdentities& found) {
    RunSpec run = SampleRun();
    WeightsSpec* const weights = run.mutable_weights();
    if (!siglip.empty()) weights->mutable_found()->set_siglip_role(siglip);
    if (!sam.empty()) weights->mutable_found()->set_sam_role(sam);
    if (!adapters.empty()) weights->mutable_adapters()->set_role(adapters);
    return Id(run, found);
  };
  const InputIdentities found = {
      {"weights/a", "1"}, {"weights/b", "1"}, {"weights/c", "2"}};
  const std::string base = id("a", "", "", found);
  EXPECT_THAT(base, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(base, id("b", "", "", found));
  // Other content, another part of the model, one source more, adapters.
  EXPECT_NE(base, id("c", "", "", found));
  EXPECT_NE(base, id("", "a", "", found));
  EXPECT_NE(base, id("a", "c", "", found));
  EXPECT_NE(base, id("a", "", "c", found));
  EXPECT_NE(base, Id(SampleRun()));
  EXPECT_EQ(id("a", "", "a", found), id("b", "", "b", found));
  EXPECT_NE(id("", "", "a", found), Id(SampleRun()));
  // Pending where any of them is.
  EXPECT_TRUE(IsPending(id("a", "d", "", found)));
  EXPECT_TRUE(IsPending(id("a", "", "d", found)));
}

TEST_F(FoundInputsTest, PartsOfAdaptersEnterTheIdentity) {
  RunSpec run = SampleRun();
  run.mutable_weights()->mutable_adapters()->set_role("a");
  const InputIdentities found = {{"weights/a", "1"}};
  const std::string all = Id(run, found);
  run.mutable_weights()->mutable_adapters()->add_parts(FoundAdapters::REST);
  EXPECT_NE(Id(run, found), all);
}

TEST_F(FoundInputsTest, AreListedByRole) {
  RunSpec run = Run("a", "t");
  ResolveRun(&run);
  ASSERT_OK_AND_ASSIGN(const RunInputs inputs, ListInputs(run, {}));
  ASSERT_EQ(inputs.inputs.size(), 2);
  EXPECT_EQ(inputs.inputs[0].role, "a");
  EXPECT_FALSE(inputs.inputs[0].made());
  EXPECT_EQ(inputs.inputs[1].role, "t");
  EXPECT_FALSE(inputs.inputs[1].made());
}

}  // namespace
}  // namespace transect
