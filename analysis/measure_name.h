/// \file
/// Names of the measures of report.proto for people, heads of columns and
/// lines, and of what they are measured at.
#ifndef TRANSECT_ANALYSIS_MEASURE_NAME_H_
#define TRANSECT_ANALYSIS_MEASURE_NAME_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// "Pr@0.5", "cIoU", "permuted sentence", ...; empty for UNSPECIFIED.
std::string MeasureName(ReportCell::Kind kind);

/// "480 x 480 pixels"; "each image's own size" for 0.
std::string ResolutionName(int resolution);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_MEASURE_NAME_H_
