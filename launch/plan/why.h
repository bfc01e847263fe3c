// Why two runs are not the same run: which component of their identities
// differs and how, as text for people.
//
// The identity of a run is its spec part (the resolved spec, and the identities
// of what it reads) and its code part (worker, modules, libraries, lock
// of LibTorch, versions of what was compiled in).
#ifndef TRANSECT_LAUNCH_PLAN_WHY_H_
#define TRANSECT_LAUNCH_PLAN_WHY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/score_run.h"
#include "experiments/experiment.pb.h"
#include "launch/plan/plan.h"
#include "launch/store/code.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

// What an identity rests on.
struct RunIdentity {
  // For people: "rank=2 seed 1", or as the user named it.
  std::string name;
  // Spec part; IsPending where a found input is not hashed yet.
  std::string id;
  // Resolved.
  RunSpec spec;
  // What the run reads.
  JobInputs inputs;
  // Code part; empty where the run is not done and the present code is unknown.
  std::string code;
  // Its parts; nothing where the store does not have them.
  std::optional<CodeParts> parts;
};

// What a finished run measured.
struct RunOutcome {
  Result result;
  // One for each split that it evaluated.
  std::vector<RunScores> scores;
};

// A run as both verbs see it.
struct NamedRun {
  RunIdentity identity;
  // Nothing where the run is not done.
  std::optional<RunOutcome> outcome;
};

// `transect why A B`: one line that says which parts of the ids differ, then
// for each the fields, inputs or parts of the code with both values.
std::string ExplainRuns(const RunIdentity& a, const RunIdentity& b);

// `transect diff A B`: configuration, code, data and results side by side;
// fields that do not enter ids too.
std::string CompareRuns(const NamedRun& a, const NamedRun& b);

// `transect why --stale SPEC`: for each other code under which selected runs of
// the plan are done, what of the code changed. `present` are the parts of the
// present code, if known; `repeat` and `accept` the commands that rerun the
// runs and that accept their results, the latter without the code.
std::string ExplainStale(const Plan& plan, const Store& store,
                         const std::optional<CodeParts>& present,
                         absl::string_view repeat, absl::string_view accept);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_WHY_H_
