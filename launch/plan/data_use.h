/// \file
/// What the runs of a plan do with the defective records of found data sets.
#ifndef TRANSECT_LAUNCH_PLAN_DATA_USE_H_
#define TRANSECT_LAUNCH_PLAN_DATA_USE_H_

#include <string>
#include <vector>

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

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_DATA_USE_H_
