/// \file
/// How a metric answers to one axis, the others as in the base: the ablation
/// table as pictures.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_SENSITIVITY_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_SENSITIVITY_H_

#include <string>
#include <vector>

#include "analysis/report.pb.h"

namespace transect {

/// One axis of a table.
struct AxisRows {
  std::string axis;
  /// Value and position of its row; the base's value included. Values that are
  /// all numbers ascend, others are in the order of the rows.
  struct Point {
    std::string value;
    int row = 0;
  };
  std::vector<Point> points;
};

/// The axes of which the table has two values or more in rows that differ from
/// the base in nothing else and have a result. None without a base row.
std::vector<AxisRows> AxesOf(const ReportTable& table);

/// A chart for each axis and each primary metric (ReportStatistics.primary):
/// every run, the mean with what stands after ± in the table, and values of the
/// same setting that others published. Empty where there is none.
std::string SensitivityHtml(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_SENSITIVITY_H_
