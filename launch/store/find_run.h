// From the start of a run's id, as people type it, to what the store has of the
// run. For verbs that work on one finished run (`predict`, `evaluate`,
// `export`).
#ifndef TRANSECT_LAUNCH_STORE_FIND_RUN_H_
#define TRANSECT_LAUNCH_STORE_FIND_RUN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

// A finished run.
struct FoundRun {
  // Spec part of its id, whole.
  std::string id;
  // Job directory; holds weights.safetensors.
  std::string dir;
  // Its result: code, steps, files.
  Result result;
  // What the ranks of the attempt that finished were told: `train` with the
  // resolved run and the places of its inputs. Places inside the store are
  // right even where the store was moved since.
  LaunchPlan launch;
};

// Finds the run that `name` means: "ID", the start of the spec part of one run
// only, or "ID/CODE", where the start of a code part follows. A run that makes
// initial weights counts as a run.
//
// Where a run was done under several codes, `code` (the present code part, ""
// if not known) decides; a run that was done under one other code only is
// taken. NotFound where no run matches or the one that matches is not done;
// InvalidArgument where several match, with the names to choose from; DataLoss
// where result.textproto does not hold.
absl::StatusOr<FoundRun> FindRun(const Store& store, absl::string_view code,
                                 absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_FIND_RUN_H_
