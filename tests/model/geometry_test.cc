#include "model/geometry.h"

#include "gtest/gtest.h"
#include "model/spec.h"

namespace transect {
namespace {

ModelSpec Default() {
  ModelSpec spec;
  spec.mutable_rsrefseg();
  ResolveModelSpec(&spec);
  return spec;
}

TEST(GeometryTest, PublishedGridsAreThoseOfTheReleasedCode) {
  const RsRefSegSpec spec = Default().rsrefseg();
  EXPECT_EQ(SiglipGrid(spec.siglip()), 27);
  EXPECT_EQ(SamGrid(spec.sam()), 64);
  EXPECT_EQ(MaskSide(spec.sam()), 256);
  EXPECT_EQ(PaddedGrid(spec.sam()), 70);
}

// Table of down-sampling rates: model grid 27, and the paper's 24.
TEST(GeometryTest, EveryNetworkHasItsTowersAndItsInput) {
  ModelSpec rsrefseg = Default();
  EXPECT_EQ(SiglipOf(rsrefseg), &rsrefseg.rsrefseg().siglip());
  EXPECT_EQ(SamOf(rsrefseg), &rsrefseg.rsrefseg().sam());
  EXPECT_EQ(InputImageSize(rsrefseg), 1024);
  EXPECT_FALSE(TrainsEverything(rsrefseg) || TrainsNothing(rsrefseg));
  rsrefseg.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  EXPECT_TRUE(TrainsEverything(rsrefseg));

  ModelSpec map;
  map.mutable_patch_text_map();
  ResolveModelSpec(&map);
  EXPECT_EQ(SiglipOf(map), &map.patch_text_map().siglip());
  EXPECT_EQ(SamOf(map), nullptr);
  EXPECT_EQ(InputImageSize(map), 384);
  EXPECT_FALSE(TrainsEverything(map) || TrainsNothing(map));
  map.mutable_patch_text_map()->set_tuning(RsRefSegSpec::ALL);
  EXPECT_TRUE(TrainsEverything(map));

  ModelSpec oracle;
  oracle.mutable_sam_oracle_box();
  ResolveModelSpec(&oracle);
  EXPECT_EQ(SiglipOf(oracle), nullptr);
  EXPECT_EQ(SamOf(oracle), &oracle.sam_oracle_box().sam());
  EXPECT_EQ(InputImageSize(oracle), 1024);
  EXPECT_TRUE(TrainsNothing(oracle));
  oracle.mutable_sam_oracle_box()->set_tuning(SamOracleBoxSpec::ALL);
  EXPECT_TRUE(TrainsEverything(oracle) && !TrainsNothing(oracle));

  EXPECT_EQ(SiglipOf(ModelSpec()), nullptr);
  EXPECT_EQ(SamOf(ModelSpec()), nullptr);
}

TEST(GeometryTest, SparseGridsRoundUpAtEachHalving) {
  RsRefSegSpec spec = Default().rsrefseg();
  const struct {
    int rate, blocks, from_27, from_24;
  } cases[] = {{2, 1, 14, 12}, {4, 2, 7, 6}, {8, 3, 4, 3}};
  for (const auto& c : cases) {
    spec.mutable_prompter()->set_downsampling(c.rate);
    EXPECT_EQ(DownsamplingBlocks(spec.prompter()), c.blocks);
    spec.mutable_siglip()->set_patch_size(14);
    EXPECT_EQ(SparseGrid(spec), c.from_27);
    EXPECT_EQ(SparsePrompts(spec), c.from_27 * c.from_27);
    spec.mutable_siglip()->set_patch_size(16);
    EXPECT_EQ(SparseGrid(spec), c.from_24);
  }
}

TEST(GeometryTest, PromptsSayWhichPathsExist) {
  RsRefSegSpec spec = Default().rsrefseg();
  PrompterSpec* prompter = spec.mutable_prompter();
  EXPECT_TRUE(HasSparsePrompts(*prompter) && HasDensePrompt(*prompter));
  prompter->set_prompts(PrompterSpec::SPARSE);
  EXPECT_TRUE(HasSparsePrompts(*prompter) && !HasDensePrompt(*prompter));
  prompter->set_prompts(PrompterSpec::DENSE);
  EXPECT_TRUE(!HasSparsePrompts(*prompter) && HasDensePrompt(*prompter));
  EXPECT_EQ(SparsePrompts(spec), 0);
}

TEST(GeometryTest, AGridThatTheWindowDividesIsNotPadded) {
  SamSpec sam = Default().rsrefseg().sam();
  sam.set_window_size(16);
  EXPECT_EQ(PaddedGrid(sam), 64);
  sam.set_window_size(100);
  EXPECT_EQ(PaddedGrid(sam), 100);
}

TEST(GeometryTest, GlobalLayersAreThoseOfTheList) {
  const SamSpec sam = Default().rsrefseg().sam();
  EXPECT_TRUE(IsGlobalLayer(sam, 2));
  EXPECT_TRUE(IsGlobalLayer(sam, 11));
  EXPECT_FALSE(IsGlobalLayer(sam, 3));
}

TEST(GeometryTest, HalfOfTheTextTowerIsLayers14To26) {
  SiglipSpec siglip = Default().rsrefseg().siglip();
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 0);
  siglip.set_text_tuning(SiglipSpec::HALF);
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 14);
  siglip.set_text_tuning(SiglipSpec::ZERO);
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 27);
}

}  // namespace
}  // namespace transect
