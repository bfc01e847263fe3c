#include "analysis/table_marks.h"

#include <string>
#include <vector>

#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The base with seeds 1 and 2, "prompts=SPARSE" with seed 1, and a row without
// a result.
ReportTable Sample() { return SampleReport().tables(0); }

TEST(TableMarks, RowsThatAreAlikeHaveNone) {
  const ReportTable table = Sample();
  for (const ReportRow& row : table.rows()) {
    EXPECT_EQ(MarksOf(table, row), "");
  }
  EXPECT_THAT(MarkNotes(table), IsEmpty());
  EXPECT_THAT(SourceSentences(table), ElementsAre("Code c0de00000000."));
}

TEST(TableMarks, MixedMachinesAreSaidLikeMixedCodes) {
  ReportTable table = Sample();
  table.add_machines("EPYC, AVX-512");
  table.add_machines("Xeon, AVX2");
  for (ReportRun& run : *table.mutable_rows(0)->mutable_runs()) {
    run.set_machine("EPYC, AVX-512");
  }
  table.mutable_rows(1)->mutable_runs(0)->set_machine("Xeon, AVX2");
  EXPECT_EQ(MarksOf(table, table.rows(0)), "");
  EXPECT_EQ(MarksOf(table, table.rows(1)), "¶");
  EXPECT_EQ(MarksOf(table, table.rows(2)), "");
  EXPECT_THAT(
      SourceSentences(table),
      ElementsAre("Code c0de00000000.",
                  "MIXED MACHINES EPYC, AVX-512, Xeon, AVX2: the rows were not "
                  "all computed by the same kind of machine, which may round "
                  "otherwise."));
  EXPECT_THAT(
      MarkNotes(table),
      ElementsAre("¶ prompts=SPARSE has runs of other machine than EPYC, "
                  "AVX-512; a difference may come from that.",
                  "Machine EPYC, AVX-512: base, seed 1; base, seed 2.",
                  "Machine Xeon, AVX2: prompts=SPARSE, seed 1."));
}

TEST(TableMarks, OneMachineIsInTheCaptionAndAnUnknownOneIsNoOther) {
  ReportTable table = Sample();
  table.add_machines("EPYC");
  table.mutable_rows(0)->mutable_runs(0)->set_machine("EPYC");
  EXPECT_THAT(SourceSentences(table),
              ElementsAre("Code c0de00000000.", "Machine EPYC."));
  EXPECT_EQ(MarksOf(table, table.rows(1)), "");
  EXPECT_THAT(MarkNotes(table), IsEmpty());
}

TEST(TableMarks, OtherImagesAreMarked) {
  ReportTable table = Sample();
  table.mutable_rows(1)->set_other_images(true);
  EXPECT_EQ(MarksOf(table, table.rows(1)), "§");
  EXPECT_THAT(
      MarkNotes(table),
      ElementsAre(StartsWith("§ prompts=SPARSE was evaluated on other images "
                             "or masks, although the item ids are the same: no "
                             "differences are taken")));
}

// One of several runs says nothing of the others, missing ones included.
TEST(TableMarks, ARowIsCertifiedIfAllItsRunsAre) {
  ReportTable table = Sample();
  table.mutable_rows(0)->mutable_runs(0)->set_certified(true);
  table.mutable_rows(1)->mutable_runs(0)->set_certified(true);
  EXPECT_EQ(MarksOf(table, table.rows(0)), "");
  EXPECT_EQ(MarksOf(table, table.rows(1)), "");
  EXPECT_THAT(MarkNotes(table), IsEmpty());
  table.mutable_rows(0)->mutable_runs(1)->set_certified(true);
  EXPECT_EQ(MarksOf(table, table.rows(0)), "✓");
  EXPECT_THAT(MarkNotes(table),
              ElementsAre("✓ base is certified: each run was trained twice "
                          "more, once over a kill, and gave the same bits."));
}

TEST(TableMarks, ARowHasAllMarksThatItNeeds) {
  ReportTable table = Sample();
  table.mutable_rows(0)->mutable_runs(0)->set_machine("EPYC");
  table.mutable_rows(1)->mutable_runs(0)->set_machine("Xeon");
  table.mutable_rows(1)->mutable_runs(0)->set_code("ffff");
  table.mutable_rows(1)->set_other_images(true);
  EXPECT_EQ(MarksOf(table, table.rows(1)), "‡¶§");
}

TEST(TableMarks, ATrainingSplitIsSaidOfAllRowsOrByName) {
  ReportTable table = Sample();
  table.mutable_rows(1)->set_trained_on_split(true);
  EXPECT_THAT(SourceSentences(table).front(),
              StartsWith("TRAINING SPLIT: training read split val in "
                         "prompts=SPARSE, so the numbers say how well it was "
                         "fitted"));
  table.mutable_rows(0)->set_trained_on_split(true);
  EXPECT_THAT(SourceSentences(table).front(),
              StartsWith("TRAINING SPLIT: training read split val, so"));
}

TEST(TableMarks, ARowWithoutSeedsSaysWhy) {
  ReportTable table = Sample();
  ReportRow* const row = table.mutable_rows(0);
  row->mutable_runs()->DeleteSubrange(1, 1);
  row->mutable_runs(0)->clear_seed();
  EXPECT_THAT(MarkNotes(table),
              ElementsAre("base has one run for all seeds: nothing random "
                          "enters, so that seeds cannot differ."));
  EXPECT_EQ(RunTitle(*row, row->runs(0)), "base");
  EXPECT_EQ(RunTitle(table.rows(1), table.rows(1).runs(0)),
            "prompts=SPARSE, seed 1");
}

TEST(TableMarks, WithoutAnyResultThereIsNoSource) {
  ReportTable table = Sample();
  table.clear_codes();
  EXPECT_THAT(SourceSentences(table), IsEmpty());
}

}  // namespace
}  // namespace transect
