#include "analysis/table_notes.h"

#include <string>
#include <vector>

#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// gIoU of 55 and 30; the mask of all objects has 25; two runs of four are
// missing for one reason, one for another.
ReportTable Sample() { return SampleReport().tables(0); }

void SetMeans(ReportCell::Kind kind, double mean, ReportTable* table) {
  for (ReportRow& row : *table->mutable_rows()) {
    for (auto* cells : {row.mutable_metrics(), row.mutable_controls()}) {
      for (ReportCell& cell : *cells) {
        if (cell.kind() == kind) cell.set_mean(mean);
      }
    }
  }
}

TEST(TableNotes, OrdinaryTablesHaveNoWarning) {
  EXPECT_THAT(TableNotes(Sample()), Not(Contains(HasSubstr("WARNING"))));
}

TEST(TableNotes, NothingAboveAGuessIsOneWarning) {
  ReportTable table = Sample();
  SetMeans(ReportCell::ALL_OBJECTS_GIOU, 0.55, &table);
  const std::vector<std::string> notes = TableNotes(table);
  EXPECT_THAT(notes.front(),
              StartsWith("WARNING: no cell has a gIoU above 55.00, that of the "
                         "mask of all objects"));
  EXPECT_THAT(notes[1], Not(HasSubstr("WARNING")));
  // One cell above is enough.
  SetMeans(ReportCell::ALL_OBJECTS_GIOU, 0.54, &table);
  EXPECT_THAT(TableNotes(table), Not(Contains(HasSubstr("WARNING"))));
}

// One constant mask may score more than the mask of all objects.
TEST(TableNotes, TheHigherOfTwoGuessesCountsAndIsNamed) {
  ReportTable table = Sample();
  for (ReportRow& row : *table.mutable_rows()) {
    for (ReportRun& run : *row.mutable_runs()) {
      if (run.missing().empty()) run.set_frequent_place_giou(0.55);
    }
  }
  EXPECT_THAT(TableNotes(table).front(),
              StartsWith("WARNING: no cell has a gIoU above 55.00, that of one "
                         "constant mask at the most frequent place, which "
                         "needs neither sentence nor image"));
  SetMeans(ReportCell::ALL_OBJECTS_GIOU, 0.56, &table);
  EXPECT_THAT(TableNotes(table).front(),
              StartsWith("WARNING: no cell has a gIoU above 56.00, that of the "
                         "mask of all objects"));
  // Each row is held against the bound of its own images.
  SetMeans(ReportCell::ALL_OBJECTS_GIOU, 0.25, &table);
  for (ReportRun& run : *table.mutable_rows(0)->mutable_runs()) {
    run.set_frequent_place_giou(0.54);
  }
  EXPECT_THAT(TableNotes(table), Not(Contains(HasSubstr("WARNING"))));
}

// Runs with a result have each this many empty masks among their ten.
ReportTable AllMiss(std::vector<int> empty_masks) {
  ReportTable table = Sample();
  SetMeans(ReportCell::CIOU, 0, &table);
  SetMeans(ReportCell::GIOU, 0, &table);
  size_t i = 0;
  for (ReportRow& row : *table.mutable_rows()) {
    for (ReportRun& run : *row.mutable_runs()) {
      run.clear_empty_masks();
      if (run.missing().empty() && i < empty_masks.size()) {
        run.set_empty_masks(empty_masks[i++]);
      }
    }
  }
  return table;
}

TEST(TableNotes, MasksThatMissEverythingAreOneWarning) {
  const std::string miss = "WARNING: no mask of any cell touches its target: ";
  EXPECT_EQ(TableNotes(AllMiss({10, 10, 10})).front(),
            miss + "all masks are empty.");
  EXPECT_EQ(TableNotes(AllMiss({0, 0, 0})).front(),
            miss + "no mask is empty, all are elsewhere.");
  EXPECT_EQ(TableNotes(AllMiss({10, 0, 2})).front(),
            miss + "12 of 30 masks are empty, the others are elsewhere.");
  // Older logs do not say it.
  EXPECT_EQ(TableNotes(AllMiss({10, 10})).front(),
            miss +
                "all masks are empty or elsewhere; the metric logs are "
                "older than the field that says which.");
}

TEST(TableNotes, WithoutAResultThereIsNothingToWarnOf) {
  ReportTable table = Sample();
  for (ReportRow& row : *table.mutable_rows()) {
    row.clear_metrics();
    row.clear_controls();
  }
  EXPECT_THAT(TableNotes(table), Not(Contains(HasSubstr("WARNING"))));
}

TEST(TableNotes, OneReasonForAllIsOneNote) {
  ReportTable table = Sample();
  for (ReportRow& row : *table.mutable_rows()) {
    row.set_n(0);
    for (ReportRun& run : *row.mutable_runs()) run.set_missing("not run yet");
  }
  EXPECT_THAT(TableNotes(table),
              ElementsAre("† All 6 runs are missing: not run yet."));
}

// Rows of so many runs that count.
ReportTable OfSeeds(std::vector<int> seeds) {
  ReportTable table = Sample();
  for (size_t i = 0; i < seeds.size(); ++i) {
    table.mutable_rows(static_cast<int>(i))->set_n(seeds[i]);
  }
  return table;
}

TEST(TableNotes, SaysWhatSoFewSeedsCannotDecide) {
  const auto certainty = [](const ReportTable& table) {
    for (const std::string& note : TableNotes(table)) {
      if (note.starts_with("Certainty: ")) return note;
    }
    return std::string();
  };
  EXPECT_EQ(certainty(OfSeeds({2, 2, 2})),
            "Certainty: with 2 seeds a row an exact test over seeds gives p = "
            "0.33 at best (0.5 in pairs), so no difference here is certain; "
            "more seeds can decide (4 a row give 0.029 at best).");
  EXPECT_THAT(certainty(OfSeeds({1, 3, 2})),
              HasSubstr("with 2 and 3 seeds a row an exact test over seeds "
                        "gives p = 0.1 at best (0.5 in pairs)"));
  // Two rows have one pair of seeds, of which there is no test.
  EXPECT_THAT(certainty(OfSeeds({1, 2, 0})),
              HasSubstr("with 1 and 2 seeds a row an exact test over seeds "
                        "gives p = 0.33 at best, so no"));
  ReportTable paired = OfSeeds({1, 2, 0});
  paired.mutable_statistics()->set_paired_seeds(true);
  paired.mutable_statistics()->set_confidence(0.95);
  EXPECT_THAT(certainty(paired),
              HasSubstr("no two rows have more than one seed in common"));
  EXPECT_THAT(certainty(OfSeeds({1, 1, 0})), HasSubstr("one seed a row"));
  EXPECT_EQ(certainty(OfSeeds({4, 4, 1})), "");
  // Nothing to compare, and nothing random.
  EXPECT_EQ(certainty(OfSeeds({2, 0, 0})), "");
  ReportTable table = OfSeeds({1, 1, 0});
  for (ReportRow& row : *table.mutable_rows()) {
    for (ReportRun& run : *row.mutable_runs()) run.clear_seed();
  }
  EXPECT_EQ(certainty(table), "");
}

TEST(TableNotes, OfManyRunsSomeAreNamed) {
  ReportTable table = Sample();
  for (int seed = 3; seed < 30; ++seed) {
    ReportRun* run = table.mutable_rows(2)->add_runs();
    run->set_seed(seed);
    run->set_missing("not started");
  }
  const std::vector<std::string> notes = TableNotes(table);
  EXPECT_THAT(notes, SizeIs(3));
  EXPECT_THAT(notes[1], AllOf(StartsWith("† 29 runs are missing: not started: "
                                         "rank=2, seed 1 (run cccc1111); "),
                              EndsWith("; and 23 more.")));
}

}  // namespace
}  // namespace transect
