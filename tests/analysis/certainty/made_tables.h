// Reports of made runs, with certainty, for tests of statistics and formats.
#ifndef TRANSECT_TESTS_ANALYSIS_CERTAINTY_MADE_TABLES_H_
#define TRANSECT_TESTS_ANALYSIS_CERTAINTY_MADE_TABLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

// A run of split val over `items` items of 1000 to 5000 pixels whose IoU is
// about `quality`, by item and seed.
RunInput MadeRun(const std::string& label, uint64_t seed, double quality,
                 int items = 120);

// A row of runs of seeds 1, 2, ...
RowInput MadeRow(const std::string& label, double quality, int seeds,
                 bool is_base = false);

// A report of one table "rank" of these rows, with certainty.
ReportInput MadeInput(std::vector<RowInput> rows);
ComparisonReport MadeReportOf(const ReportInput& input,
                              const StatisticsSpec& spec = {});

// "base" at 0.6, "rank=2" far below, "rank=32_&" as good, "rank=64" with a
// failed run, each of `seeds` seeds.
ComparisonReport MadeTables(int seeds, const StatisticsSpec& spec = {});

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_CERTAINTY_MADE_TABLES_H_
