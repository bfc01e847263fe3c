// The plan: what an experiment asks for, what the store has of it, and the jobs
// that close the gap. `plan` prints it, `run` executes it.
//
// Making a plan reads the store and writes nothing; no state is stored
// anywhere, it is derived from files each time.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "launch/inputs/site.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

enum class JobState {
  kNew,      // no valid result and no failure: to do
  kDone,     // valid result of this code
  kStale,    // valid result of another code only: to do
  kFailed,   // the last attempt failed: to do
  kRunning,  // somebody holds the lease
  kCorrupt,  // result.textproto is there and does not hold: neither done nor
             // to do
  kPending,  // the id is not known before found inputs are hashed
};

// "new", "done", ...
absl::string_view StateName(JobState state);

// All of them, as people read them.
inline constexpr JobState kJobStates[] = {
    JobState::kDone,   JobState::kNew,     JobState::kStale,
    JobState::kFailed, JobState::kRunning, JobState::kCorrupt,
    JobState::kPending};

// Something that one start of the worker makes: an input or a run.
struct Job {
  enum class Kind { kData, kTokenizer, kWeights, kRun };

  Kind kind = Kind::kRun;
  // Spec part of a run, identity of an input.
  std::string id;
  // For people: "rank=2 seed 1", "data set, 1400 aerial images of 64 px".
  std::string name;
  // Job directory; empty where it depends on a code part or an id that is not
  // known. Of a run that is done under an accepted code the one of that code.
  std::string dir;
  // What the ranks get, less attempt and directories.
  LaunchPlan launch;
  // Compute threads of a rank.
  int threads = 1;
  // Contents of spec.textproto and inputs.textproto.
  std::string spec_text;
  JobInputs inputs;
  // Jobs, as indices into Plan::jobs, that must be done first.
  std::vector<int> needs;

  JobState state = JobState::kNew;
  // kFailed: the cause; kStale: the other codes; kCorrupt: the problem;
  // kRunning: who; kNew: what an interrupted attempt left.
  std::string note;
  // kDone only.
  Result result;
  // Whether the command is about this run; true for all without selectors.
  bool selected = true;
  // A run that is asked for and to do, or an input that such a job needs and
  // that is to do. What is pending counts as to do.
  bool wanted = false;

  int processors() const { return launch.ranks() * threads; }
};

// A found input and what is known about it.
struct FoundInput {
  Input::Kind kind = Input::Kind::kData;
  std::string role;
  // Where it is; empty with a problem.
  std::string path;
  // Empty where it is not hashed yet.
  std::string identity;
  // Why it cannot be used: role unknown, files missing, weights that do not fit
  // a run.
  absl::Status problem;
};

struct Plan {
  Expansion expansion;
  // Code part; empty without a bundle.
  std::string code;
  std::vector<FoundInput> found;
  // Made inputs in the order in which they can be made, then runs: job
  // `first_run + i` is run i of the expansion.
  std::vector<Job> jobs;
  int first_run = 0;

  // Selected runs, and those of them in `state`.
  int CountSelected() const;
  int CountRuns(JobState state) const;
};

// Called while a found input is hashed.
using HashProgress =
    std::function<void(const FoundInput& input, int64_t done, int64_t total)>;

// Makes the plan of an expanded experiment for a store, a site and a code part
// ("" if not known). Without `hash` found inputs that the store's cache does
// not know stay pending, and so do the ids of `expansion` that rest on them;
// with it they are hashed and every problem of a found input is an error.
//
// `accepted` are starts of other code parts whose results count: a run that is
// done under one of them, the first that has it, is done. InvalidArgument for
// one that fits no code of the store, or several.
absl::StatusOr<Plan> MakePlan(Expansion expansion, const Store& store,
                              const SiteFile& site, absl::string_view code,
                              const HashProgress* hash,
                              absl::Span<const std::string> accepted = {});

// Looks at the store again and brings state, note and result of `job` up to
// date; `accepted` are whole names of directories.
void RefreshState(const Store& store, absl::string_view code, Job* job,
                  absl::Span<const std::string> accepted = {});

// Sets `selected` of the runs (experiments/expanding/selector.h), and `wanted`
// of those among them that are to do. Errors as Select's.
absl::Status SelectRuns(absl::Span<const std::string> selectors, Plan* plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_H_
