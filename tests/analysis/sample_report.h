// Reports for the tests of layout and renderers, small enough to check by hand.
#ifndef TRANSECT_TESTS_ANALYSIS_SAMPLE_REPORT_H_
#define TRANSECT_TESTS_ANALYSIS_SAMPLE_REPORT_H_

#include "analysis/aggregate.h"
#include "analysis/report.pb.h"

namespace transect {

// A table "prompts" of three rows and two seeds on ten items of split val: the
// base, a row with one missing seed, and a row without any result. Every item
// has a union of 100 pixels; base seed 1 hits 50 of them, seed 2 hits 60, and
// "prompts=SPARSE" seed 1 hits 30. With another sentence all hit 10, the mask
// of all objects 25. Four items have a distractor, which shares 40 pixels;
// two of them have two objects of its category, and two have three.
ReportInput SampleInput();

// BuildReport(SampleInput()).
ComparisonReport SampleReport();

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_SAMPLE_REPORT_H_
