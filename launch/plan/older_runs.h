/// \file
/// Runs that a store holds under an older scheme of ids (OlderRun, store.h).
///
/// Their ids cannot be compared with present ones, so their specs are: a run
/// that would train what an older one has trained is not new. Found inputs are
/// compared by role, because their contents are in the older ids alone.
#ifndef TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_
#define TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_

#include <map>
#include <string>
#include <vector>

#include "experiments/experiment.pb.h"
#include "launch/store/store.h"

namespace transect {

/// What the resolved `run` trains, sources of its inputs included, as a text
/// that two runs share exactly if they train the same; "" for a spec that has
/// none (canonical.h).
std::string WhatItTrains(RunSpec run);

/// The finished runs of older schemes by what they train, each as people see
/// it: "h1:14b1ce31a1f0 (code 5f0e21d3a2b4)". Leaves out runs whose spec this
/// program cannot read.
std::map<std::string, std::vector<std::string>> OlderRunsByTraining(
    const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_OLDER_RUNS_H_
