#include "model/sam/spec.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"

namespace transect {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(SamSpecTest, AVariantThatIsUnspecifiedIsRefused) {
  EXPECT_THAT(ProblemsOf(RsRefSegOf("sam { variant: UNSPECIFIED }")),
              Contains("model.rsrefseg.sam.variant: must not be UNSPECIFIED"));
}

// One rule broken at a time; the message names value and range.
TEST(SamSpecTest, EveryRuleNamesItsField) {
  const struct {
    std::string spec;
    std::string problem;
  } cases[] = {
      {"sam { patch_size: 15 }",
       "sam.patch_size: is 15, must divide image_size 1024"},
      {"sam { window_size: 0 }", "sam.window_size: is 0, must be 1 to 256"},
      {"sam { global_attention_layers: 12 }",
       "sam.global_attention_layers[0]: is 12, must be 0 to 11"},
      {"sam { global_attention_layers: [3, 3] }",
       "sam.global_attention_layers[1]: is 3 after 3, must ascend without "
       "repeats"},
      {"sam { prompt_channels: 100 decoder_heads: 5 }",
       "sam.prompt_channels: is 100, must be a multiple of 8"},
      {"sam { prompt_channels: 4 }",
       "sam.prompt_channels: is 4, must be 8 to 4096"},
      {"sam { decoder_heads: 3 }",
       "sam.decoder_heads: is 3, must divide half of prompt_channels 128"},
      {"sam { mask_input_channels: 6 }",
       "sam.mask_input_channels: is 6, must be a multiple of 4"},
      {"sam { decoder_mlp_size: 0 }",
       "sam.decoder_mlp_size: is 0, must be 1 to 65536"},
      {"sam { decoder_layers: 0 }",
       "sam.decoder_layers: is 0, must be 1 to 64"},
      {"sam { iou_head_size: 4097 }",
       "sam.iou_head_size: is 4097, must be 0 to 4096"},
      {"sam { iou_head_layers: 1 }",
       "sam.iou_head_layers: is 1, must be 2 to 16"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ProblemsOf(RsRefSegOf(c.spec)),
                ElementsAre("model.rsrefseg." + c.problem))
        << c.spec;
  }
}

TEST(SamSpecTest, PublishedGridsAreThoseOfTheReleasedCode) {
  const SamSpec sam = RsRefSegOf("").rsrefseg().sam();
  EXPECT_EQ(SamGrid(sam), 64);
  EXPECT_EQ(MaskSide(sam), 256);
  EXPECT_EQ(PaddedGrid(sam), 70);
}

TEST(SamSpecTest, AGridThatTheWindowDividesIsNotPadded) {
  SamSpec sam = RsRefSegOf("").rsrefseg().sam();
  sam.set_window_size(16);
  EXPECT_EQ(PaddedGrid(sam), 64);
  sam.set_window_size(100);
  EXPECT_EQ(PaddedGrid(sam), 100);
}

TEST(SamSpecTest, GlobalLayersAreThoseOfTheList) {
  const SamSpec sam = RsRefSegOf("").rsrefseg().sam();
  EXPECT_TRUE(IsGlobalLayer(sam, 2));
  EXPECT_TRUE(IsGlobalLayer(sam, 11));
  EXPECT_FALSE(IsGlobalLayer(sam, 3));
}

TEST(SamSpecTest, AnIouHeadAsWideAsThePromptsIsTheSameHowEverItIsWritten) {
  const SamSpec usual = RsRefSegOf("").rsrefseg().sam();
  EXPECT_EQ(IouHeadSize(usual), 256);
  const SamSpec said =
      RsRefSegOf("sam { iou_head_size: 256 }").rsrefseg().sam();
  EXPECT_EQ(said.iou_head_size(), usual.iou_head_size());
  const SamSpec other =
      RsRefSegOf("sam { iou_head_size: 64 }").rsrefseg().sam();
  EXPECT_EQ(IouHeadSize(other), 64);
}

}  // namespace
}  // namespace transect
