#include "analysis/table_layout.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "analysis/report.pb.h"
#include "data/io/terminal_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

ReportTable Sample() { return SampleReport().tables(0); }

TEST(LayOut, ColumnsComeInTheOrderOfThePapers) {
  const TableLayout layout = LayOut(Sample());
  EXPECT_THAT(layout.metrics.columns,
              ElementsAre("Pr@0.5", "Pr@0.6", "Pr@0.7", "Pr@0.8", "Pr@0.9",
                          "cIoU", "gIoU", "Δ gIoU"));
  EXPECT_THAT(layout.controls.columns,
              ElementsAre("gIoU", "permuted sentence", "all objects",
                          "target > distractor"));
}

TEST(LayOut, NumbersArePercentWithTwoDecimals) {
  const TableLayout layout = LayOut(Sample());
  const GridCell& giou = layout.metrics.rows[0].cells[6];
  EXPECT_EQ(giou.number, "55.00");
  EXPECT_EQ(giou.spread, "7.07");
  EXPECT_EQ(layout.metrics.rows[0].cells[7].number, kNoNumber);
  EXPECT_EQ(layout.metrics.rows[1].cells[7].number, "-25.00");
}

TEST(LayOut, DifferenceThatRoundsToZeroHasNoMinus) {
  ReportTable table = Sample();
  table.mutable_rows(1)->mutable_metrics(6)->set_delta_to_base(-1e-6);
  EXPECT_EQ(LayOut(table).metrics.rows[1].cells[7].number, "+0.00");
}

TEST(LayOut, WhatRestsOnFewerSeedsIsMarkedEverywhere) {
  const TableLayout layout = LayOut(Sample());
  EXPECT_EQ(layout.metrics.rows[0].seeds, "2");
  EXPECT_EQ(layout.metrics.rows[1].seeds, "1/2†");
  EXPECT_EQ(layout.metrics.rows[2].seeds, "0/2†");
  EXPECT_THAT(layout.metrics.rows[0].cells,
              Each(Field(&GridCell::mark, IsEmpty())));
  for (const TableGrid* grid : {&layout.metrics, &layout.controls}) {
    EXPECT_THAT(grid->rows[1].cells, Each(Field(&GridCell::mark, "†")));
    EXPECT_THAT(grid->rows[2].cells, Each(Field(&GridCell::mark, "†")));
    EXPECT_THAT(grid->rows[2].cells, Each(Field(&GridCell::number, "–")));
  }
  EXPECT_THAT(
      layout.notes,
      ElementsAre("† prompts=SPARSE, seed 2 (run bbbb2222) is missing: failed: "
                  "the loss became infinite.",
                  "† 2 runs are missing: not started: rank=2, seed 1 (run "
                  "cccc1111); rank=2, seed 2 (run cccc2222).",
                  StartsWith("Certainty: with 1 and 2 seeds a row")));
}

TEST(LayOut, PublishedRowsStandBelowThoseOfTheirSetting) {
  ReportTable table = Sample();
  const std::vector<std::pair<std::string, std::string>> labels_and_rows = {
      {"Other", ""}, {"Rank 2", "rank=2"}, {"Default", "base"}};
  for (const auto& [label, same_as] : labels_and_rows) {
    ReportPublished* published = table.add_published();
    published->mutable_row()->set_label(label);
    published->set_same_as(same_as);
  }
  std::vector<std::string> labels;
  for (const GridRow& row : LayOut(table).metrics.rows) {
    labels.push_back(row.label);
  }
  EXPECT_THAT(labels,
              ElementsAre("base", "Default (published)", "prompts=SPARSE",
                          "rank=2", "Rank 2 (published)", "Other (published)"));
}

TEST(LayOut, DifferenceToABaseWithMissingSeedsIsMarked) {
  ReportTable table = Sample();
  table.mutable_rows(0)->add_missing_seeds(3);
  table.mutable_rows(1)->clear_missing_seeds();
  const GridRow row = LayOut(table).metrics.rows[1];
  EXPECT_EQ(row.cells[6].mark, "");
  EXPECT_EQ(row.cells[7].mark, "†");
}

TEST(LayOut, CaptionSaysSeedsSpreadSplitBaseAndCode) {
  EXPECT_THAT(
      LayOut(Sample()).metrics.caption,
      ElementsAre(
          "Percent; mean ± sample standard deviation (n − 1) over seeds, n in "
          "column n. The same for all seeds, so not in the spread: the data "
          "set, initial weights, trained once (seed 1). Split val, 10 items of "
          "synthetic data set 0123456789ab. Pr@X: share of items with IoU "
          "above X; cIoU: sum of intersections over sum of unions; gIoU: mean "
          "IoU; masks compared at each image's own size. Δ: difference of "
          "means to base (rank=16, "
          "prompts=SPARSE_AND_DENSE). Code c0de00000000."));
}

TEST(LayOut, EqualNumbersOfSeedsAreInTheCaption) {
  ReportTable table = Sample();
  table.mutable_rows()->DeleteSubrange(1, 2);
  EXPECT_THAT(LayOut(table).metrics.caption[0], HasSubstr("n = 2."));
  table.mutable_rows(0)->set_n(1);
  EXPECT_THAT(LayOut(table).metrics.caption[0],
              StartsWith("Percent, one run (n = 1). "));
}

TEST(LayOut, MixedCodesAreSaidInCaptionAndNotes) {
  ReportTable table = Sample();
  table.add_codes("ffff00000000beef");
  table.mutable_rows(1)->mutable_runs(0)->set_code("ffff00000000beef");
  const TableLayout layout = LayOut(table);
  EXPECT_THAT(layout.metrics.caption.back(),
              HasSubstr("MIXED CODES c0de00000000, ffff00000000"));
  EXPECT_THAT(layout.notes,
              Contains("Code ffff00000000: prompts=SPARSE, seed 1."));
  EXPECT_THAT(layout.notes,
              Contains("Code c0de00000000: base, seed 1; base, seed 2."));
  EXPECT_THAT(layout.notes,
              Contains("‡ prompts=SPARSE has runs of other code than "
                       "c0de00000000; a difference may come from that."));
  EXPECT_THAT(layout.metrics.rows[1].seeds, HasSubstr("‡"));
  EXPECT_THAT(layout.metrics.rows[0].seeds, Not(HasSubstr("‡")));
}

TEST(LayOut, ControlsOfSomeItemsSayOfHowMany) {
  const std::vector<std::string> caption = LayOut(Sample()).controls.caption;
  ASSERT_EQ(caption.size(), 3);
  EXPECT_THAT(caption[0], Not(HasSubstr("items that")));
  EXPECT_THAT(caption[2], HasSubstr("of the 4 scenes"));
  EXPECT_THAT(caption[2], EndsWith("; chance level 41.67."));
  ReportTable table = Sample();
  table.mutable_rows(0)->mutable_controls(0)->set_items(7);
  EXPECT_THAT(LayOut(table).controls.caption[0],
              HasSubstr("over the 7 items that have it"));
}

TEST(LayOut, TheSentenceOfAControlStartsWithItsColumn) {
  const TableGrid controls = LayOut(Sample()).controls;
  // The first column is gIoU, which the other grid explains.
  ASSERT_EQ(controls.caption.size(), controls.columns.size() - 1);
  for (size_t i = 0; i < controls.caption.size(); ++i) {
    EXPECT_THAT(absl::AsciiStrToLower(controls.caption[i]),
                StartsWith(controls.columns[i + 1] + ": "));
  }
}

TEST(LayOut, NoControlIsSaidToBeWhatABlindModelScores) {
  EXPECT_THAT(LayOut(Sample()).controls.caption[0],
              AllOf(HasSubstr("when every item gets another item's sentence"),
                    EndsWith("how much the sentence matters to this model; not "
                             "what a blind model scores.")));
}

TEST(LayOut, AllControlsWithOtherSentencesStandTogether) {
  ReportTable table = Sample();
  for (const auto kind :
       {ReportCell::PERMUTED_CATEGORY_GIOU, ReportCell::OTHER_OBJECT_GIOU}) {
    ReportCell* const cell = table.mutable_rows(0)->add_controls();
    cell->set_kind(kind);
    cell->set_items(6);
  }
  const TableGrid controls = LayOut(table).controls;
  EXPECT_THAT(
      controls.columns,
      ElementsAre("gIoU", "permuted sentence", "permuted in category",
                  "other object", "all objects", "target > distractor"));
  EXPECT_THAT(controls.caption[1], HasSubstr("over the 6 items that have it"));
  EXPECT_THAT(controls.caption[2], HasSubstr("over the 6 items that have it"));
}

TEST(LayOut, MarksStandBesideTheNumberOfSeeds) {
  ReportTable table = Sample();
  table.mutable_rows(0)->set_other_images(true);
  EXPECT_EQ(LayOut(table).metrics.rows[0].seeds, "2§");
}

TEST(LayOut, ControlsThatNobodyMeasuredHaveNoColumn) {
  ReportTable table = Sample();
  for (ReportRow& row : *table.mutable_rows()) {
    row.clear_controls();
  }
  EXPECT_THAT(LayOut(table).controls.columns, IsEmpty());
}

TEST(LayOut, WithoutABaseThereIsNoDifference) {
  ReportTable table = Sample();
  table.mutable_rows(0)->set_is_base(false);
  EXPECT_THAT(LayOut(table).metrics.columns, Not(Contains("Δ gIoU")));
}

TEST(LayOut, WithoutAnyResultTheCaptionSaysSo) {
  ReportTable table = Sample();
  table.clear_codes();
  table.clear_items();
  for (ReportRow& row : *table.mutable_rows()) row.clear_n();
  EXPECT_THAT(LayOut(table).metrics.caption[0],
              AllOf(StartsWith("No run has a result. "),
                    Not(HasSubstr("n = 0")), Not(HasSubstr("one run"))));
}

TEST(LayOut, TheCaptionSaysWhichFieldAnAxisIs) {
  ReportTable table = Sample();
  table.mutable_base_settings(0)->set_field("model.rsrefseg.sam.lora.rank");
  EXPECT_THAT(LayOut(table).metrics.caption[0],
              HasSubstr(" Axes: rank is model.rsrefseg.sam.lora.rank. "));
}

TEST(LayOut, NothingInATextActsOnWhatIsAroundIt) {
  ReportTable table = Sample();
  const std::string hostile = "\x1b[2J\u202ea\nb\u2028";
  table.set_name(hostile);
  table.set_dataset(hostile);
  table.mutable_rows(0)->set_label(hostile);
  table.mutable_rows(1)->mutable_runs(1)->set_missing(hostile);
  table.mutable_rows(2)->set_label(std::string(1'000'000, 'x'));
  const TableLayout layout = LayOut(table);
  std::vector<std::string> all = layout.notes;
  all.insert(all.end(), layout.run_ids.begin(), layout.run_ids.end());
  all.insert(all.end(), layout.metrics.caption.begin(),
             layout.metrics.caption.end());
  all.push_back(layout.name);
  for (const GridRow& row : layout.metrics.rows) all.push_back(row.label);
  for (const std::string& text : all) {
    EXPECT_EQ(OneLine(text), text);
    EXPECT_LT(text.size(), 5000u);
  }
}

TEST(LayOut, EveryRunIsTraceable) {
  EXPECT_THAT(LayOut(Sample()).run_ids,
              ElementsAre("base: seed 1 aaaa1111/c0de00000000, seed 2 "
                          "aaaa2222/c0de00000000",
                          "prompts=SPARSE: seed 1 bbbb1111/c0de00000000, seed "
                          "2 bbbb2222/missing",
                          "rank=2: seed 1 cccc1111/missing, seed 2 "
                          "cccc2222/missing"));
}

}  // namespace
}  // namespace transect
