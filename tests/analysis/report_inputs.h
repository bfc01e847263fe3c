// Small inputs of BuildReport.
#ifndef TRANSECT_TESTS_ANALYSIS_REPORT_INPUTS_H_
#define TRANSECT_TESTS_ANALYSIS_REPORT_INPUTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {

// An item of split val whose prediction has these pixels in common with the
// mask, and in either.
EvalItem Item(int64_t id, int64_t intersection, int64_t either);

// A run that is done, and one that is not.
RunInput Done(uint64_t seed, std::vector<EvalItem> items);
RunInput Missing(uint64_t seed, std::string reason);

RowInput Row(std::string label, bool is_base, std::vector<RunInput> runs);

// A report of one table, "study".
ReportInput OneTable(std::vector<RowInput> rows);

// gIoU of the row.
const ReportCell& Giou(const ReportRow& row);

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_REPORT_INPUTS_H_
