#include "model/siglip/spec.h"

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"

namespace transect {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(SiglipSpecTest, AVariantOfEachNameHasItsImageAndPatch) {
  for (const auto& [variant, image, patch] :
       std::vector<std::tuple<std::string, int, int>>{
           {"TINY", 48, 8},
           {"SO400M_PATCH14_384", 384, 14},
           {"BASE_PATCH16_224", 224, 16},
           {"BASE_PATCH16_256", 256, 16},
           {"BASE_PATCH16_384", 384, 16},
           {"BASE_PATCH16_512", 512, 16},
           {"LARGE_PATCH16_256", 256, 16},
           {"LARGE_PATCH16_384", 384, 16}}) {
    const SiglipSpec siglip =
        RsRefSegOf(absl::StrCat("siglip { variant: ", variant, " }"))
            .rsrefseg()
            .siglip();
    EXPECT_EQ(siglip.image_size(), image) << variant;
    EXPECT_EQ(siglip.patch_size(), patch) << variant;
  }
}

TEST(SiglipSpecTest, AVariantThatIsUnspecifiedIsRefused) {
  EXPECT_THAT(
      ProblemsOf(RsRefSegOf("siglip { variant: UNSPECIFIED }")),
      Contains("model.rsrefseg.siglip.variant: must not be UNSPECIFIED"));
}

// One rule broken at a time; the message names value and range.
TEST(SiglipSpecTest, EveryRuleNamesItsField) {
  const struct {
    std::string spec;
    std::string problem;
  } cases[] = {
      {"siglip { text_tuning: TEXT_TUNING_UNSPECIFIED }",
       "siglip.text_tuning: must not be UNSPECIFIED"},
      {"siglip { text_padding: PADDING_UNSPECIFIED }",
       "siglip.text_padding: must not be UNSPECIFIED"},
      {"siglip { vision { layers: 0 } }",
       "siglip.vision.layers: is 0, must be 1 to 256"},
      {"siglip { text { mlp_size: -3 } }",
       "siglip.text.mlp_size: is -3, must be 1 to 65536"},
      {"siglip { vision { heads: 5 } }",
       "siglip.vision.heads: is 5, must divide hidden_size 1152"},
      {"siglip { text { hidden_size: 64 } }",
       "siglip.text.hidden_size: is 64, must be vision.hidden_size 1152: words "
       "and patches are compared"},
      {"siglip { image_size: 0 }",
       "siglip.image_size: is 0, must be 1 to 8192"},
      {"siglip { patch_size: 385 }",
       "siglip.patch_size: is 385, must be 1 to 384"},
      {"siglip { patch_size: 1 }",
       "siglip.patch_size: is 1, which gives a grid of 384 for 384 pixels; at "
       "most 256 are allowed"},
      {"siglip { vocab_size: 1 }",
       "siglip.vocab_size: is 1, must be 2 to 1048576"},
      {"siglip { max_positions: 1 }",
       "siglip.max_positions: is 1, must be 2 to 4096"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ProblemsOf(RsRefSegOf(c.spec)),
                ElementsAre("model.rsrefseg." + c.problem))
        << c.spec;
  }
}

TEST(SiglipSpecTest, PixelsThatFillNoPatchAreNoPartOfTheGrid) {
  EXPECT_EQ(SiglipGrid(RsRefSegOf("").rsrefseg().siglip()), 27);
}

TEST(SiglipSpecTest, HalfOfTheTextTowerIsLayers14To26) {
  SiglipSpec siglip = RsRefSegOf("").rsrefseg().siglip();
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 0);
  siglip.set_text_tuning(SiglipSpec::HALF);
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 14);
  siglip.set_text_tuning(SiglipSpec::ZERO);
  EXPECT_EQ(FirstAdaptedTextLayer(siglip), 27);
}

}  // namespace
}  // namespace transect
