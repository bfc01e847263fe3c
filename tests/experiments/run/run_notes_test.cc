#include "experiments/run/run_notes.h"

#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
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

TEST(RunNotesTest, WhichWeightsAreReportedIsSaid) {
  RunSpec run = SampleRun();
  ValidationSpec* const validation =
      run.mutable_training()->mutable_validation();
  validation->set_every_epochs(5);
  ResolveRun(&run);
  EXPECT_THAT(NotesOf(run), IsEmpty()) << "those of the last step";
  validation->set_weights(ValidationSpec::BEST);
  EXPECT_THAT(NotesOf(run),
              ElementsAre("The weights are those with the best gIoU of the "
                          "validations on val (every 5 epochs and after the "
                          "last); numbers on val are of the split that chose "
                          "them."));
  validation->set_early_stopping(true);
  validation->set_patience(3);
  EXPECT_THAT(NotesOf(run),
              ElementsAre(EndsWith(" The training ends early after 3 "
                                   "validations in a row without a better "
                                   "gIoU.")));
  validation->set_weights(ValidationSpec::LAST);
  validation->set_metric(ValidationSpec::CIOU);
  validation->clear_every_epochs();
  validation->set_every_steps(1);
  EXPECT_THAT(NotesOf(run),
              ElementsAre("The weights are those of the last step. The "
                          "training ends early after 3 validations on val "
                          "(every step and after the last) in a row without a "
                          "better cIoU."));
}

}  // namespace
}  // namespace transect
