#include "model/networks/sam_oracle_box/spec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SamOracleBoxSpecTest, ResolvesWithoutAdapters) {
  const ModelSpec spec = ResolvedSpec(
      "sam_oracle_box { sam { lora { rank: 4 } tune_prompt_encoder: true } }");
  const SamOracleBoxSpec& oracle = spec.sam_oracle_box();
  EXPECT_EQ(oracle.tuning(), SamOracleBoxSpec::NONE);
  EXPECT_EQ(oracle.sam().image_size(), 1024);
  EXPECT_FALSE(oracle.sam().has_lora());
  EXPECT_FALSE(oracle.sam().has_tune_prompt_encoder());
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  EXPECT_THAT(ProblemsOf(ResolvedSpec("sam_oracle_box { sam { image_size: 100 "
                                      "} }")),
              ElementsAre(HasSubstr("model.sam_oracle_box.sam.patch_size")));
}

}  // namespace
}  // namespace transect
