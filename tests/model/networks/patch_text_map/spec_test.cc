#include "model/networks/patch_text_map/spec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/spec.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PatchTextMapSpecTest, ResolvesToWhatItIsMadeOf) {
  const ModelSpec spec = ResolvedSpec("patch_text_map {}");
  const PatchTextMapSpec& map = spec.patch_text_map();
  EXPECT_EQ(map.siglip().image_size(), 384);
  EXPECT_EQ(map.tuning(), PatchTextMapSpec::ADAPTERS);
  EXPECT_TRUE(map.has_similarity() && map.has_global_text());
  EXPECT_TRUE(map.has_tune_scale() && map.tune_scale());
  EXPECT_EQ(map.siglip().text_lora().targets_size(), 5);
  EXPECT_THAT(ProblemsOf(spec), IsEmpty());
  ModelSpec again = spec;
  ResolveModelSpec(&again);
  EXPECT_THAT(again, EqualsProto(spec));
}

TEST(PatchTextMapSpecTest, InertFieldsAreErased) {
  for (const char* text :
       {"patch_text_map { tuning: ALL }", "patch_text_map { similarity: DOT }",
        "patch_text_map { similarity: DOT tune_scale: false }"}) {
    EXPECT_FALSE(ResolvedSpec(text).patch_text_map().has_tune_scale()) << text;
  }
  EXPECT_FALSE(ResolvedSpec("patch_text_map { tuning: ALL }")
                   .patch_text_map()
                   .siglip()
                   .has_vision_lora());
}

TEST(PatchTextMapSpecTest, ProblemsNameTheField) {
  EXPECT_THAT(
      ProblemsOf(ResolvedSpec("patch_text_map { siglip { patch_size: 0 "
                              "text_lora { rank: 1025 } } }")),
      ElementsAre(HasSubstr("model.patch_text_map.siglip.patch_size"),
                  HasSubstr("model.patch_text_map.siglip.text_lora.rank")));
}

}  // namespace
}  // namespace transect
