#include "launch/evaluation/logged_masks.h"

#include <utility>

#include "data/io/file.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<std::map<int64_t, PredictedMask>> ReadLoggedMasks(
    const std::string& evaluation_dir, const Result& result) {
  std::map<int64_t, PredictedMask> masks;
  const std::string attempt = AttemptDir(evaluation_dir, result.attempt());
  for (int rank = 0; rank < result.ranks(); ++rank) {
    const std::string path = RankMasksPath(attempt, rank);
    if (!FileExists(path)) continue;
    TRANSECT_ASSIGN_OR_RETURN(MetricLog log, ReadMetricLog(path));
    for (MetricRecord& record : log.records) {
      if (!record.has_predicted_mask()) continue;
      const int64_t id = record.predicted_mask().item_id();
      masks[id] = std::move(*record.mutable_predicted_mask());
    }
  }
  return masks;
}

}  // namespace transect
