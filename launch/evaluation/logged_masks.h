/// \file
/// The predicted masks that an evaluation logged. No LibTorch.
#ifndef TRANSECT_LAUNCH_EVALUATION_LOGGED_MASKS_H_
#define TRANSECT_LAUNCH_EVALUATION_LOGGED_MASKS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// By item, the masks of all ranks of the finished evaluation in
/// `evaluation_dir`, whose result is `result`; none where no rank logged masks.
/// Errors of ReadMetricLog, naming the file.
absl::StatusOr<std::map<int64_t, PredictedMask>> ReadLoggedMasks(
    const std::string& evaluation_dir, const Result& result);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_LOGGED_MASKS_H_
