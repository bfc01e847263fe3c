/// \file
/// Runs that a store holds under an older scheme of ids (OlderRun,
/// launch/store/store.h).
///
/// Their ids cannot be compared with present ones, so their specs are: a run
/// that would train what an older one has trained is not new. Found inputs are
/// compared by role, because their contents are in the older ids alone.
#ifndef TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_
#define TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_

#include <vector>

#include "launch/plan/jobs.h"
#include "launch/store/store.h"

namespace transect {

/// Gives state kOlder, and a note that names the older runs, to the runs among
/// `jobs` that are kNew and that are done under an older scheme. Older runs
/// whose spec this program cannot read are none of these.
void MarkOlderRuns(const Store& store, std::vector<Job>* jobs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_
