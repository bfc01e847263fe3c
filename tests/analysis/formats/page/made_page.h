// A report page of made runs: the study of tests/analysis/answers/study.h with
// claims, curves, costs and a gallery.
#ifndef TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_MADE_PAGE_H_
#define TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_MADE_PAGE_H_

#include "analysis/formats/page/page_input.h"
#include "analysis/report.pb.h"
#include "tests/analysis/answers/study.h"

namespace transect {

// What the runs find: rank=32 is best, rank=8 as good as the base, text=ZERO
// far below; small objects are found less well.
ReportInput MadePageRuns(int seeds, int items);

// The report of `input` with certainty and answers.
ComparisonReport MadePageReport(const ReportInput& input);

// A page of 4 cells. One run of text=ZERO failed. Every text that comes from
// outside has markup, script and what turns the direction of text in it, where
// `hostile`.
PageInput MadePage(int seeds, int items, bool hostile = false);

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_FORMATS_PAGE_MADE_PAGE_H_
