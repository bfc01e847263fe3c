/// \file
/// Metric logs as text that people read: what `transect describe` prints.
#ifndef TRANSECT_METRICS_DESCRIBE_LOG_H_
#define TRANSECT_METRICS_DESCRIBE_LOG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "metrics/log_reader.h"

namespace transect {

/// A comment line with `name` and the number of records, another one where the
/// tail is torn, and each record on a line of its own as protobuf text, in
/// order; fields that this program does not know by their number. Equal logs
/// give equal text.
std::string DescribeLog(const MetricLog& log, absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_METRICS_DESCRIBE_LOG_H_
