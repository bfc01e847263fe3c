/// \file
/// What the runs of a plan do with the defective records of found data sets.
#ifndef TRANSECT_LAUNCH_PLAN_DATA_USE_H_
#define TRANSECT_LAUNCH_PLAN_DATA_USE_H_

#include <string>
#include <vector>

#include "data/data.pb.h"
#include "launch/plan/footprint.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.pb.h"

namespace transect {

/// One message for each found data set and policy of the runs, in their order.
/// The counts come from the indexes in `index_cache_dir`, which a run or
/// `transect data check` wrote (data/index/index_cache.h); a split without a
/// valid one has none. `sizes`, if not null, becomes the sizes of the splits
/// that have one. Reads annotations and images neither.
std::vector<PlanDataUse> FindDataUse(const Plan& plan,
                                     const std::string& index_cache_dir,
                                     DataSizes* sizes = nullptr);

/// A found data set as wanted jobs read it.
struct UsedData {
  /// Role, layout and policy.
  FoundDataset data;
  /// Where it lies.
  std::string root;
  /// FoundInput::identity of all that is found under the role, joined by ";";
  /// empty where nothing is hashed yet.
  std::string identity;
  /// Names of splits, in the order of kSplitNames.
  std::vector<std::string> splits;
};

/// What the wanted jobs of `plan` will read, each once: the train split of what
/// is not trained yet, and the splits that are not evaluated. Data sets that
/// were not found are left out.
std::vector<UsedData> FindUsedData(const Plan& plan);

/// Names what a look at all records of `used` found out, as a file name
/// (Store::CheckedDataPath): content, layout, policy, splits and the version of
/// the index, but neither role nor place. The data must be hashed.
std::string CheckKey(const UsedData& used);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_DATA_USE_H_
