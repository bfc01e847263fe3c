#include "launch/cli/coco_results.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/measure_name.h"
#include "launch/evaluation/logged_masks.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<std::string> CocoResults(const FoundRun& run,
                                        absl::string_view split) {
  std::set<std::string> splits;
  const FoundEvaluation* chosen = nullptr;
  int other_resolution = 0;
  for (const FoundEvaluation& evaluation : run.evaluations) {
    if (!evaluation.data.empty()) continue;
    // Their masks do not fit the images.
    if (evaluation.result.resolution() != 0) {
      other_resolution = evaluation.result.resolution();
      continue;
    }
    splits.insert(evaluation.split);
    if (chosen == nullptr && (split.empty() || evaluation.split == split)) {
      chosen = &evaluation;
    }
  }
  if (split.empty() && splits.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("run ", run.id, " evaluated the splits ",
                     absl::StrJoin(splits, ", "), "; say which with --split"));
  }
  std::map<int64_t, PredictedMask> masks;
  if (chosen != nullptr) {
    TRANSECT_ASSIGN_OR_RETURN(masks,
                              ReadLoggedMasks(chosen->dir, chosen->result));
  }
  if (masks.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "run ", run.id, " recorded no predicted masks",
        split.empty() ? "" : absl::StrCat(" of split ", split), ": ",
        EvaluationsDir(run.dir), " has none",
        other_resolution == 0
            ? ""
            : absl::StrCat(" at the size of the images, only at ",
                           ResolutionName(other_resolution),
                           "; `transect evaluate --resolution 0` makes "
                           "them")));
  }
  std::string text = "[";
  for (const auto& [id, mask] : masks) {
    nlohmann::ordered_json object = {{"image_id", id}};
    if (mask.category_id() >= 0) {
      object["category_id"] = mask.category_id();
    }
    object["segmentation"] = {{"size", {mask.height(), mask.width()}},
                              {"counts", mask.counts()}};
    object["score"] = 1;
    absl::StrAppend(&text, text.size() > 1 ? ",\n" : "\n", object.dump());
  }
  return absl::StrCat(text, "\n]\n");
}

}  // namespace transect
