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

TEST(TableNotes, MasksThatMissEverythingAreOneWarning) {
  ReportTable table = Sample();
  SetMeans(ReportCell::CIOU, 0, &table);
  SetMeans(ReportCell::GIOU, 0, &table);
  EXPECT_THAT(TableNotes(table).front(),
              StartsWith("WARNING: no mask of any cell touches its target"));
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
    for (ReportRun& run : *row.mutable_runs()) run.set_missing("not run yet");
  }
  EXPECT_THAT(TableNotes(table),
              ElementsAre("† All 6 runs are missing: not run yet."));
}

TEST(TableNotes, OfManyRunsSomeAreNamed) {
  ReportTable table = Sample();
  for (int seed = 3; seed < 30; ++seed) {
    ReportRun* run = table.mutable_rows(2)->add_runs();
    run->set_seed(seed);
    run->set_missing("not started");
  }
  const std::vector<std::string> notes = TableNotes(table);
  EXPECT_THAT(notes, SizeIs(2));
  EXPECT_THAT(notes[1], AllOf(StartsWith("† 29 runs are missing: not started: "
                                         "rank=2, seed 1 (run cccc1111); "),
                              EndsWith("; and 23 more.")));
}

}  // namespace
}  // namespace transect
