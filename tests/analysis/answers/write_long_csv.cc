// Writes long.csv and items.csv of a made study, for readers in other
// languages.

#include <string>

#include "absl/strings/str_cat.h"
#include "analysis/answers/long_table.h"
#include "analysis/report.pb.h"
#include "data/io/file.h"
#include "tests/analysis/answers/study.h"
#include "third_party/absl_polyfill/check.h"

int main(int argc, char** argv) {
  using namespace transect;  // NOLINT
  TRANSECT_CHECK(argc == 2) << "usage: write_long_csv DIRECTORY";
  ReportInput input = Study({.seeds = 3, .items = 20},
                            [](const std::string& row, int seed, int item) {
                              return 0.5 + 0.4 * Noise(row, seed, item);
                            });
  // What CSV must quote.
  input.tables[0].rows[1].label = "rank=8, \"small\"";
  const ComparisonReport report = ReportOf(input);
  TrainingSeries series;
  for (int step = 1; step <= 3; ++step) {
    series.steps.emplace_back().set_step(10 * step);
    series.steps.back().set_loss(1.0 / step);
  }
  const std::string dir = argv[1];
  TRANSECT_CHECK_OK(WriteFile(absl::StrCat(dir, "/long.csv"),
                              LongCsv(report, {{"base-1", series}})));
  TRANSECT_CHECK_OK(
      WriteFile(absl::StrCat(dir, "/items.csv"), LongItemsCsv(input, report)));
  return 0;
}
