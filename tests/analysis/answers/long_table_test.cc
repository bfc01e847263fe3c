#include "analysis/answers/long_table.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/written/csv.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/answers/study.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

ReportInput Halves() {
  return Study({.seeds = 2, .items = 3},
               [](const std::string&, int seed, int item) {
                 return seed == 1 ? 0.25 : item == 0 ? 0 : 0.75;
               });
}

std::vector<std::vector<std::string>> LinesOf(const std::string& csv) {
  absl::StatusOr<std::vector<std::vector<std::string>>> lines =
      ParseCsv(csv, "csv");
  EXPECT_THAT(lines, IsOk());
  return lines.ok() ? *lines : std::vector<std::vector<std::string>>();
}

TEST(LongCsvTest, HasAValueALine) {
  const auto lines = LinesOf(LongCsv(ReportOf(Halves()), {}));
  // Four rows of two seeds with seven metrics.
  ASSERT_THAT(lines, SizeIs(1 + 4 * 2 * 7));
  EXPECT_THAT(lines[0], ElementsAre("design", "cell", "run", "seed", "source",
                                    "step", "split", "metric", "value"));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "base", "base-2", "2", "evaluation",
                                   "", "val", "gIoU", "0.5")));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "rank=8", "rank=8-1", "1",
                                   "evaluation", "", "val", "Pr@0.5", "0")));
  // All digits of 2/3.
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "base", "base-2", "2", "evaluation",
                                   "", "val", "Pr@0.7", "0.6666666666666666")));
}

TEST(LongCsvTest, AMissingRunHasNoValuesAndShiftsNone) {
  ReportInput input = Halves();
  input.tables[0].rows[0].runs[0].items = nullptr;
  const auto lines = LinesOf(LongCsv(ReportOf(input), {}));
  EXPECT_THAT(lines, SizeIs(1 + 7 * 7));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "base", "base-2", "2", "evaluation",
                                   "", "val", "gIoU", "0.5")));
}

TEST(LongCsvTest, CurvesStandBesideTheEvaluations) {
  TrainingSeries series;
  TrainStep& step = series.steps.emplace_back();
  step.set_step(20);
  step.set_loss(0.5);
  step.set_lr(0.001);
  Validation& validation = series.validations.emplace_back();
  validation.set_step(40);
  validation.set_split("val");
  validation.set_giou(0.25);
  const auto lines =
      LinesOf(LongCsv(ReportOf(Halves()), {{"rank=32-1", series}}));
  EXPECT_THAT(lines, SizeIs(1 + 56 + 2 + 2));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "rank=32", "rank=32-1", "1",
                                   "training", "20", "", "loss", "0.5")));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "rank=32", "rank=32-1", "1",
                                   "validation", "40", "val", "gIoU", "0.25")));
}

TEST(LongItemsCsvTest, HasThePixelsOfEveryItem) {
  const ReportInput input = Halves();
  const auto lines = LinesOf(LongItemsCsv(input, ReportOf(input)));
  ASSERT_THAT(lines, SizeIs(1 + 4 * 2 * 3 * 3));
  EXPECT_THAT(lines[0],
              ElementsAre("design", "cell", "run", "seed", "split", "item",
                          "category", "object_pixels", "image_pixels",
                          "sentence", "metric", "value"));
  EXPECT_THAT(lines, Contains(ElementsAre(
                         "study", "text=ZERO", "text=ZERO-2", "2", "val", "101",
                         "1", "1000", "100000", "position", "iou", "0.75")));
  EXPECT_THAT(lines,
              Contains(ElementsAre("study", "base", "base-1", "1", "val", "102",
                                   "2", "1000", "100000", "color and position",
                                   "intersection", "250")));
}

}  // namespace
}  // namespace transect
