#include "experiments/reading/merge.h"

#include "experiments/experiment.pb.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

RunSpec Merged(absl::string_view upper, absl::string_view lower) {
  RunSpec run = FromText<RunSpec>(lower);
  MergeOver(FromText<RunSpec>(upper), &run);
  return run;
}

TEST(MergeTest, AScalarThatIsSetWins) {
  EXPECT_THAT(Merged("seed: 2", "seed: 1"), EqualsProto("seed: 2"));
  EXPECT_THAT(Merged("", "seed: 3"), EqualsProto("seed: 3"));
}

TEST(MergeTest, AnExplicitDefaultWins) {
  EXPECT_THAT(Merged("seed: 1", "seed: 7"), EqualsProto("seed: 1"));
}

TEST(MergeTest, MessagesMergeFieldByField) {
  EXPECT_THAT(
      Merged("training { optimizer { lr: 1 } ranks: 2 }",
             "training { optimizer { lr: 3 eps: 4 } steps: 5 }"),
      EqualsProto("training { optimizer { lr: 1 eps: 4 } ranks: 2 steps: 5 }"));
}

TEST(MergeTest, AListReplacesAList) {
  EXPECT_THAT(
      Merged("model { rsrefseg { sam { lora { targets: ['a'] } } } }",
             "model { rsrefseg { sam { lora { targets: ['b', 'c'] rank: 2 } } "
             "} }"),
      EqualsProto(
          "model { rsrefseg { sam { lora { targets: 'a' rank: 2 } } } }"));
}

TEST(MergeTest, AnEmptyListKeepsTheOther) {
  EXPECT_THAT(Merged("weights { random {} }", "weights { parts: [SAM] }"),
              EqualsProto("weights { random {} parts: SAM }"));
}

TEST(MergeTest, AListOfMessagesReplacesAsAWhole) {
  Experiment lower = FromText<Experiment>(
      "axis { name: 'a' field: 'seed' } axis { name: 'b' }");
  MergeOver(FromText<Experiment>("axis { name: 'c' }"), &lower);
  EXPECT_THAT(lower, EqualsProto("axis { name: 'c' }"));
}

TEST(MergeTest, AnotherMemberOfAOneofReplaces) {
  EXPECT_THAT(Merged("data { found { role: 'r' } }",
                     "data { synthesis { seed: 3 } train_split: 'test' }"),
              EqualsProto("data { found { role: 'r' } train_split: 'test' }"));
}

TEST(MergeTest, TheSameMemberOfAOneofMerges) {
  EXPECT_THAT(Merged("data { synthesis { seed: 3 } }",
                     "data { synthesis { seed: 1 image_size: 64 } }"),
              EqualsProto("data { synthesis { seed: 3 image_size: 64 } }"));
}

}  // namespace
}  // namespace transect
