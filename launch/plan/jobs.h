// Jobs: what one start of the worker makes each, and their states in the store;
// from an expansion to its jobs.
#ifndef TRANSECT_LAUNCH_PLAN_JOBS_H_
#define TRANSECT_LAUNCH_PLAN_JOBS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_inputs.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

enum class JobState {
  kNew,      // no valid result and no failure: to do
  kTrained,  // a run without one of its evaluations: that is to do
  kDone,     // valid result of this code
  kStale,    // done or trained under another code only: to do
  kOlder,    // valid result under an older scheme of ids only: to do
  kFailed,   // the last attempt failed: to do
  kRunning,  // another process holds the lease
  kCorrupt,  // result.textproto is there and does not hold: neither done nor
             // to do
  kPending,  // the id is not known before found inputs are hashed
};

// "new", "done", "older_scheme", ...: as selectors take it.
absl::string_view StateName(JobState state);

// All of them, as people read them.
inline constexpr JobState kJobStates[] = {
    JobState::kDone,    JobState::kNew,     JobState::kTrained,
    JobState::kStale,   JobState::kOlder,   JobState::kFailed,
    JobState::kRunning, JobState::kCorrupt, JobState::kPending};

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
  // Contents of inputs.textproto of an attempt.
  JobInputs inputs;
  // Jobs, as indices into Plan::jobs, that must be done first.
  std::vector<int> needs;
  // Found inputs that it reads itself, as indices into Plan::found.
  std::vector<int> found;

  JobState state = JobState::kNew;
  // kFailed: the cause; kStale: the other codes; kOlder: the older runs;
  // kCorrupt: the problem; kRunning: who; kTrained: what is not evaluated;
  // kNew: what an interrupted attempt left.
  std::string note;
  // Of what is done or at least trained.
  Result result;
  // kDone: whether its trained weights are gone (ResultCheck, store.h).
  bool weights_gone = false;
  // kFailed: how many of the last attempts failed with the cause of the last
  // one (equal_failures.h).
  int equal_failures = 0;
  // kFailed: at the spec, so that another attempt fails too.
  bool failed_at_spec = false;
  // Why a found input that the job needs, itself or through what is to be made
  // for it, cannot be used: it is not there, or weights do not fit the network;
  // empty where all can. Such a job is not started (SelectRuns, plan.h).
  std::string misfit;
  // Splits that a trained run has not evaluated.
  std::vector<std::string> unevaluated;
  // Whether the command is about this run; true for all without selectors.
  bool selected = true;
  // A run that is asked for and to do, or an input that such a job needs and
  // that is to do. What is pending counts as to do; what is given up, or needs
  // such an input, only if it is meant (SelectRuns, plan.h).
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
  // FoundKey of each way in which it is read.
  std::vector<std::string> keys;
  // Why it cannot be used: role unknown, files missing.
  absl::Status problem;
};

// Jobs of the made inputs of `expansion`, in its order, then of its runs.
// `found` has the paths of found inputs. States are not looked at.
std::vector<Job> MakeJobs(const Expansion& expansion,
                          absl::Span<const FoundInput> found,
                          const Store& store, absl::string_view code);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_JOBS_H_
