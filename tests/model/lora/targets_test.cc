#include "model/lora/targets.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(TargetMatcherTest, WantsAWholeNameOrAWholeSuffix) {
  LoraSpec lora;
  lora.add_targets("head");
  const TargetMatcher matcher(lora);
  EXPECT_TRUE(matcher.Matches("head"));
  EXPECT_TRUE(matcher.Matches("a.head"));
  EXPECT_FALSE(matcher.Matches("ahead"));
  EXPECT_FALSE(matcher.Matches("head.a"));
  EXPECT_FALSE(TargetMatcher(LoraSpec()).Matches("head"));
}

// PEFT: re.fullmatch on the name.
TEST(TargetMatcherTest, ARegularExpressionMatchesTheWholeName) {
  LoraSpec lora;
  // The released code's for the text tower, half, less its "model\\.".
  lora.set_target_regex(
      "(^encoder\\.layers\\.(1[4-9]|2[0-7])\\.self_attn\\.(k_proj|v_proj|"
      "q_proj|out_proj))|(^head)");
  const TargetMatcher matcher(lora);
  EXPECT_EQ(matcher.error(), "");
  EXPECT_TRUE(matcher.Matches("encoder.layers.14.self_attn.k_proj"));
  EXPECT_TRUE(matcher.Matches("head"));
  EXPECT_FALSE(matcher.Matches("encoder.layers.13.self_attn.k_proj"));
  EXPECT_FALSE(matcher.Matches("encoder.layers.14.self_attn.k_proj.x"));
  EXPECT_FALSE(matcher.Matches("x.head"));

  lora.set_target_regex("(");
  const TargetMatcher broken(lora);
  EXPECT_NE(broken.error(), "");
  EXPECT_FALSE(broken.Matches("("));
}

}  // namespace
}  // namespace transect
