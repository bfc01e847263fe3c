/// \file
/// Names of the measures of report.proto for people: heads of columns and
/// lines.
#ifndef TRANSECT_ANALYSIS_MEASURE_NAME_H_
#define TRANSECT_ANALYSIS_MEASURE_NAME_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// "Pr@0.5", "cIoU", "permuted sentence", ...; empty for UNSPECIFIED.
std::string MeasureName(ReportCell::Kind kind);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_MEASURE_NAME_H_
