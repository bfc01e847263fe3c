#include "experiments/run/run_notes.h"

#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RunSpec Padded(SiglipSpec::Padding padding, int ranks) {
  RunSpec run = SampleRun();
  run.mutable_model()->mutable_rsrefseg()->mutable_siglip()->set_text_padding(
      padding);
  run.mutable_training()->set_ranks(ranks);
  ResolveRun(&run);
  return run;
}

TEST(RunNotesTest, PadsOfAShardAreSaid) {
  EXPECT_THAT(NotesOf(Padded(SiglipSpec::LONGEST, 2)),
              ElementsAre("In training, sentences are padded to the longest of "
                          "the 2 of a logical shard (siglip.text_padding "
                          "LONGEST with 2 shards), not to the longest of the "
                          "4 of a batch."));
}

TEST(RunNotesTest, NothingIsSaidWhereShardsDoNotMatter) {
  EXPECT_THAT(NotesOf(Padded(SiglipSpec::LONGEST, 1)), IsEmpty());
  EXPECT_THAT(NotesOf(Padded(SiglipSpec::MAX_LENGTH, 2)), IsEmpty());
  EXPECT_THAT(NotesOf(Padded(SiglipSpec::NONE, 2)), IsEmpty());
  RunSpec untrained = Padded(SiglipSpec::LONGEST, 2);
  untrained.mutable_training()->set_steps(0);
  EXPECT_THAT(NotesOf(untrained), IsEmpty());
}

}  // namespace
}  // namespace transect
