/// \file
/// How the trainings of a table's cells went, as charts: one for each cell, all
/// with the same range, each with its runs, their mean and the base's mean.
///
/// Long series are thinned: the steps are divided into kMostCurvePoints equal
/// parts, and a point is the mean of the values in its part, at their mean
/// step. The band is what stands after ± in the table
/// (ReportStatistics.spread), over the runs that have a value there; below two
/// there is none.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_LEARNING_CURVES_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_LEARNING_CURVES_H_

#include <string>
#include <vector>

#include "analysis/answers/long_table.h"
#include "analysis/formats/page/chart.h"
#include "analysis/report.pb.h"

namespace transect {

/// Points of a line.
inline constexpr int kMostCurvePoints = 80;

enum class CurveKind {
  /// Training loss.
  kLoss,
  /// gIoU of the validation during the training, percent.
  kValidation,
};

/// The curves of one cell.
struct CellCurves {
  /// By run, in the order of the row; empty lines are left out.
  std::vector<std::vector<ChartPoint>> runs;
  /// Over the runs that have a value in a part; ascending by step.
  std::vector<ChartPoint> mean;
  std::vector<ChartPoint> low;
  std::vector<ChartPoint> high;
};

/// The curves of `row`, a row of `table`, thinned as if the longest training
/// had `last_step` steps.
CellCurves CurvesOfRow(const ReportTable& table, const ReportRow& row,
                       const TrainingCurves& curves, CurveKind kind,
                       double last_step);

/// A chart for each cell that has a curve, loss first, with headings and what
/// can be seen; empty where there is none.
std::string LearningCurvesHtml(const ReportTable& table,
                               const TrainingCurves& curves);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_LEARNING_CURVES_H_
