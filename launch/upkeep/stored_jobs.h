/// \file
/// All job directories of a store.
#ifndef TRANSECT_LAUNCH_UPKEEP_STORED_JOBS_H_
#define TRANSECT_LAUNCH_UPKEEP_STORED_JOBS_H_

#include <string>
#include <vector>

#include "launch/store/store.h"

namespace transect {

struct StoredJob {
  enum class Kind { kRun, kWeights, kInput, kEvaluation };

  Kind kind = Kind::kRun;
  /// Spec part of a run or weights, identity of an input; of an evaluation that
  /// of its run.
  std::string id;
  /// As directories show it; empty for an input.
  std::string code;
  /// Job directory.
  std::string dir;
  /// Of an evaluation the directory of its run, else `dir`: who works on the
  /// job holds the lease of that.
  std::string lease_dir;
};

/// Runs, those of older schemes too, then made inputs, each followed by its
/// evaluations. Sorted by id and code within a kind.
std::vector<StoredJob> ListJobs(const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_STORED_JOBS_H_
