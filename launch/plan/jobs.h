// From an expansion to jobs: directories, names and launch plans.
#ifndef TRANSECT_LAUNCH_PLAN_JOBS_H_
#define TRANSECT_LAUNCH_PLAN_JOBS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "launch/plan/job.h"
#include "launch/store/store.h"

namespace transect {

// Jobs of the made inputs of `expansion`, in its order, then of its runs.
// `found` has the paths of found inputs. States are not looked at.
std::vector<Job> MakeJobs(const Expansion& expansion,
                          absl::Span<const FoundInput> found,
                          const Store& store, absl::string_view code);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_JOBS_H_
