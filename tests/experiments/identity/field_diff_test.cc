#include "experiments/identity/field_diff.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Diff(const RunSpec& a, const RunSpec& b) {
  std::vector<std::string> lines;
  for (const FieldDifference& field : DiffFields(a, b)) {
    lines.push_back(absl::StrCat(field.path, " ", field.a.value_or("-"), " ",
                                 field.b.value_or("-"),
                                 field.in_id ? "" : " operational"));
  }
  return lines;
}

TEST(FieldDiffTest, EqualMessagesHaveNoDifference) {
  EXPECT_THAT(Diff(SampleRunFromTrained(), SampleRunFromTrained()), IsEmpty());
}

TEST(FieldDiffTest, ValuesListsPresenceAndOperationalFields) {
  RunSpec a = SampleRun();
  RunSpec b = a;
  b.mutable_training()->mutable_optimizer()->set_lr(3e-4);
  b.mutable_training()->set_log_every(5);
  b.mutable_model()->mutable_rsrefseg()->mutable_prompter()->set_prompts(
      PrompterSpec::DENSE);
  a.mutable_weights()->add_parts(WeightsSpec::SAM);
  a.mutable_weights()->add_parts(WeightsSpec::SIGLIP);
  b.mutable_weights()->add_parts(WeightsSpec::SIGLIP);
  EXPECT_THAT(Diff(a, b), ElementsAre("model.rsrefseg.prompter.prompts - DENSE",
                                      "weights.parts[0] SAM SIGLIP",
                                      "weights.parts[1] SIGLIP -",
                                      "training.optimizer.lr - 3e-04",
                                      "training.log_every - 5 operational"));
}

TEST(FieldDiffTest, AMessageWithoutFieldsIsItself) {
  RunSpec a = SampleRun();
  RunSpec b = a;
  b.mutable_weights()->mutable_found()->set_sam_role("x");
  EXPECT_THAT(Diff(a, b),
              ElementsAre("weights.random {} -", "weights.found.sam_role - x"));
}

// Who sets the rank of adapters alone changed one field.
TEST(FieldDiffTest, AlphaThatFollowsTheRankIsLeftOut) {
  const auto lora = [](double rank, double alpha) {
    const std::string prefix = "model.rsrefseg.sam.lora.";
    return std::vector<FieldDifference>{
        {prefix + "rank", "16", absl::StrCat(rank)},
        {prefix + "alpha", "16", absl::StrCat(alpha)}};
  };
  std::vector<FieldDifference> fields = lora(2, 2);
  RemoveFollowing(&fields);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].path, "model.rsrefseg.sam.lora.rank");
  fields = lora(2, 4);
  RemoveFollowing(&fields);
  EXPECT_EQ(fields.size(), 2u) << "was set";
  fields = lora(2, 2);
  fields.erase(fields.begin());
  RemoveFollowing(&fields);
  EXPECT_EQ(fields.size(), 1u) << "the rank is the same";
}

}  // namespace
}  // namespace transect
