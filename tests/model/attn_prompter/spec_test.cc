#include "model/attn_prompter/spec.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;

TEST(PrompterSpecTest, WithoutSparsePromptsTheirFieldsAreErased) {
  EXPECT_THAT(
      RsRefSegOf(
          "prompter { prompts: DENSE downsampling: 8 local_combine: AVERAGE "
          "global_residual: false add_sam_position: true concat_order: "
          "LOCAL_GLOBAL_IMAGE local_tokens: ALL_POSITIONS }"),
      EqualsProto(RsRefSegOf("prompter { prompts: DENSE }")));
}

// One rule broken at a time; the message names value and range.
TEST(PrompterSpecTest, EveryRuleNamesItsField) {
  const struct {
    std::string spec;
    std::string problem;
  } cases[] = {
      {"prompter { downsampling: 3 }",
       "prompter.downsampling: is 3, must be 2, 4 or 8"},
      {"prompter { prompts: UNSPECIFIED }",
       "prompter.prompts: must not be UNSPECIFIED"},
      {"prompter { similarity: SIMILARITY_UNSPECIFIED }",
       "prompter.similarity: must not be UNSPECIFIED"},
      {"prompter { local_combine: LOCAL_COMBINE_UNSPECIFIED }",
       "prompter.local_combine: must not be UNSPECIFIED"},
      {"prompter { concat_order: CONCAT_ORDER_UNSPECIFIED }",
       "prompter.concat_order: must not be UNSPECIFIED"},
      {"prompter { global_text: GLOBAL_TEXT_UNSPECIFIED }",
       "prompter.global_text: must not be UNSPECIFIED"},
      {"prompter { local_tokens: LOCAL_TOKENS_UNSPECIFIED }",
       "prompter.local_tokens: must not be UNSPECIFIED"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ProblemsOf(RsRefSegOf(c.spec)),
                ElementsAre("model.rsrefseg." + c.problem))
        << c.spec;
  }
}

// Grids of 27 (the network) and 24 (the paper).
TEST(PrompterSpecTest, SparseGridsRoundUpAtEachHalving) {
  PrompterSpec prompter = RsRefSegOf("").rsrefseg().prompter();
  const struct {
    int rate, blocks, from_27, from_24;
  } cases[] = {{2, 1, 14, 12}, {4, 2, 7, 6}, {8, 3, 4, 3}};
  for (const auto& c : cases) {
    prompter.set_downsampling(c.rate);
    EXPECT_EQ(DownsamplingBlocks(prompter), c.blocks);
    EXPECT_EQ(SparseGrid(prompter, 27), c.from_27);
    EXPECT_EQ(SparsePrompts(prompter, 27), c.from_27 * c.from_27);
    EXPECT_EQ(SparseGrid(prompter, 24), c.from_24);
  }
}

TEST(PrompterSpecTest, PromptsSayWhichPathsExist) {
  PrompterSpec prompter = RsRefSegOf("").rsrefseg().prompter();
  EXPECT_TRUE(HasSparsePrompts(prompter) && HasDensePrompt(prompter));
  prompter.set_prompts(PrompterSpec::SPARSE);
  EXPECT_TRUE(HasSparsePrompts(prompter) && !HasDensePrompt(prompter));
  prompter.set_prompts(PrompterSpec::DENSE);
  EXPECT_TRUE(!HasSparsePrompts(prompter) && HasDensePrompt(prompter));
  EXPECT_EQ(SparsePrompts(prompter, 27), 0);
}

}  // namespace
}  // namespace transect
