/// \file
/// Why a run is new although one like it is done: the finished run in the store
/// that differs from it in the fewest fields, as after a changed default.
#ifndef TRANSECT_LAUNCH_PLAN_NEAR_RUN_H_
#define TRANSECT_LAUNCH_PLAN_NEAR_RUN_H_

#include <string>
#include <vector>

#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

/// Most fields in which a near run differs.
inline constexpr int kMostNearFields = 3;

/// What a plan pays at most for these notes: finished runs whose specs are
/// read, the youngest, and new runs that are compared with them, the first.
inline constexpr int kMostNearSpecs = 1000;
inline constexpr int kMostNearRuns = 500;

/// Writes into the note of each selected run that is new, and of which nothing
/// was begun, "differs from done 14b1ce31a1f0 in training.optimizer.lr 1e-4 →
/// 5e-4", where such a run is in the store: the one that differs in the fewest
/// fields that enter ids, kMostNearFields at most; of several the youngest. The
/// runs of the plan itself are no candidates: other cells are meant to differ.
/// Returns how many runs differ in what, "27 new runs differ from done ones in
/// ...", a line for each difference, the most frequent first.
///
/// Reads the specs of finished runs only where a run is new and the store has
/// runs that are none of the plan.
std::vector<std::string> NoteNearRuns(const Store& store, Plan* plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_NEAR_RUN_H_
