/// \file
/// From the start of a run's id, as people type it, to a finished run in the
/// store: for verbs about one run (`predict`, `evaluate`, `export`).
#ifndef TRANSECT_LAUNCH_STORE_FIND_RUN_H_
#define TRANSECT_LAUNCH_STORE_FIND_RUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

/// A finished evaluation of a run.
struct FoundEvaluation {
  std::string split;
  /// The data set where it is not the run's own: a role of the site file or a
  /// directory (`transect evaluate --data`).
  std::string data;
  /// Job directory.
  std::string dir;
  Result result;
};

/// A finished run.
struct FoundRun {
  /// Whole spec part of its id.
  std::string id;
  /// Job directory; holds weights.safetensors.
  std::string dir;
  /// Its result: code, steps, files.
  Result result;
  /// What the ranks of the attempt that finished were told: `train` with the
  /// resolved run and the paths of its inputs. Paths inside the store are right
  /// even if the store has moved since, or the ranks read a copy on a disk of
  /// their node.
  LaunchPlan launch;
  /// What the ranks of the attempt read, by identity.
  JobInputs inputs;
  /// Those of `launch` first: of several of a split the run's own comes before
  /// what was evaluated in other ways. Those on other data come last.
  std::vector<FoundEvaluation> evaluations;
};

/// The finished evaluations of the run in `run_dir`, by split, then identity.
std::vector<FoundEvaluation> FinishedEvaluations(const std::string& run_dir);

/// Finds the run called `name`: "ID", the start of a spec part that matches one
/// run only, or "ID/CODE" with the start of a code part. A run that makes
/// initial weights counts as a run.
///
/// Of a run that is done under several codes, `code` (the present code part, ""
/// if unknown) decides; a run that is done under one other code only is taken.
/// kNotFound if no run matches or the one that matches is not done;
/// kInvalidArgument if several match, with the names to choose from; kDataLoss
/// if the result is corrupt (CheckResult), or if spec.textproto or the launch
/// plan do not have the run's id: they were changed by hand.
absl::StatusOr<FoundRun> FindRun(const Store& store, absl::string_view code,
                                 absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_FIND_RUN_H_
