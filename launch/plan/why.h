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
#include "experiments/identity/field_diff.h"
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

// What a finished run measured on one split.
struct MeasuredSplit {
  // "val"; "val of ROLE" where it is not of the run's own data set, and with
  // " at 480 x 480 pixels" where masks were not compared at the images' own
  // size.
  std::string name;
  RunScores scores;
  // Of what was scored (LogHeader.content_digest); "" where it was not
  // recorded.
  std::string content_digest;
};

// What a finished run measured.
struct RunOutcome {
  Result result;
  // One for each split that it evaluated.
  std::vector<MeasuredSplit> splits;
};

// A run as both verbs see it.
struct NamedRun {
  RunIdentity identity;
  // Nothing where the run is not done.
  std::optional<RunOutcome> outcome;
};

// The fields in which two runs differ; `in_id` is false for what says how a run
// is evaluated, too. Without what follows another (RemoveFollowing).
std::vector<FieldDifference> DiffRuns(const RunSpec& a, const RunSpec& b);

// A line for each with both values.
std::string FieldTable(const std::vector<FieldDifference>& fields);

// `transect why A B`: one line that says which parts of the ids differ, then
// for each the fields, inputs or parts of the code with both values.
std::string ExplainRuns(const RunIdentity& a, const RunIdentity& b);

// `transect diff A B`: configuration, code, data and results side by side;
// fields that do not enter ids too.
std::string CompareRuns(const NamedRun& a, const NamedRun& b);

// Commands that ExplainStale advises.
struct StaleCommands {
  // Runs the experiment again; followed by --accept-code=CODE it takes the
  // results of that code.
  std::string run;
  // `transect evaluate` as the experiment says, without --run and --split.
  std::string evaluate;
};

// `transect why --stale SPEC`: for each other code under which selected runs of
// the plan are done, what of the code changed. `present` are the parts of the
// present code, if known.
std::string ExplainStale(const Plan& plan, const Store& store,
                         const std::optional<CodeParts>& present,
                         const StaleCommands& commands);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_WHY_H_
