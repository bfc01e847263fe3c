/// \file
/// A comparison report for programs: report.proto in proto3 JSON.
///
/// Input: a ComparisonReport; output: one JSON object, whose schema is
/// report.proto with lowerCamelCase names. As proto3 JSON has it, 64-bit
/// integers are strings. Numbers have all their digits.
#ifndef TRANSECT_ANALYSIS_RENDER_JSON_H_
#define TRANSECT_ANALYSIS_RENDER_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "analysis/report.pb.h"

namespace transect {

/// Prints the report (data/io/proto_json.h).
absl::StatusOr<std::string> RenderJson(const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_RENDER_JSON_H_
