#include "experiments/run/trained_parts.h"

#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TrainedPartsTest, AreAdaptedTowersAndTheRest) {
  RunSpec run = SampleRun();
  ResolveRun(&run);
  EXPECT_THAT(
      TrainedParts(run.model()),
      ElementsAre(FoundAdapters::SIGLIP_VISION, FoundAdapters::SIGLIP_TEXT,
                  FoundAdapters::SAM_VISION, FoundAdapters::REST));
  run.mutable_model()->mutable_rsrefseg()->mutable_siglip()->set_text_tuning(
      SiglipSpec::ZERO);
  ResolveRun(&run);
  EXPECT_THAT(TrainedParts(run.model()),
              ElementsAre(FoundAdapters::SIGLIP_VISION,
                          FoundAdapters::SAM_VISION, FoundAdapters::REST));
}

TEST(TrainedPartsTest, WithoutAdaptersTheRestIsLeft) {
  RunSpec run = SampleRun();
  RsRefSegSpec* const model = run.mutable_model()->mutable_rsrefseg();
  model->mutable_siglip()->mutable_vision_lora()->set_rank(0);
  model->mutable_siglip()->mutable_text_lora()->set_rank(0);
  model->mutable_sam()->mutable_lora()->set_rank(0);
  ResolveRun(&run);
  EXPECT_THAT(TrainedParts(run.model()), ElementsAre(FoundAdapters::REST));
}

TEST(TrainedPartsTest, NothingCanBeLaidOverARunThatTrainsEverything) {
  RunSpec run = SampleRun();
  run.mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveRun(&run);
  EXPECT_THAT(TrainedParts(run.model()), IsEmpty());
  EXPECT_THAT(TrainedParts(ModelSpec()), IsEmpty());
}

}  // namespace
}  // namespace transect
