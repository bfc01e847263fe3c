/// \file
/// Metric logs as text for people, as `transect describe` prints them.
#ifndef TRANSECT_METRICS_DESCRIBE_LOG_H_
#define TRANSECT_METRICS_DESCRIBE_LOG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "metrics/log_reader.h"

namespace transect {

/// A comment line with `name` and the number of records, another one if the
/// tail is torn, then each record in order as a line of protobuf text; unknown
/// fields by their number. Equal logs give equal text.
std::string DescribeLog(const MetricLog& log, absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_METRICS_DESCRIBE_LOG_H_
