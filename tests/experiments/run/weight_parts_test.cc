#include "experiments/run/weight_parts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using testing::ElementsAre;

TEST(PartsOfTest, NamesWhatTheNetworkIsMadeOf) {
  ModelSpec model;
  EXPECT_THAT(PartsOf(model), ElementsAre(WeightsSpec::SIGLIP, WeightsSpec::SAM,
                                          WeightsSpec::PROMPTER));
  model.mutable_rsrefseg();
  EXPECT_THAT(PartsOf(model), ElementsAre(WeightsSpec::SIGLIP, WeightsSpec::SAM,
                                          WeightsSpec::PROMPTER));
  model.mutable_patch_text_map();
  EXPECT_THAT(PartsOf(model), ElementsAre(WeightsSpec::SIGLIP));
  model.mutable_sam_oracle_box();
  EXPECT_THAT(PartsOf(model), ElementsAre(WeightsSpec::SAM));
}

}  // namespace
}  // namespace transect
