// The plan: what an experiment asks for, what the store has of it, and the jobs
// that close the gap. `plan` prints it, `run` executes it.
//
// Making a plan reads the store and writes nothing; no state is stored
// anywhere, it is derived from files each time.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "launch/inputs/site.h"
#include "launch/plan/jobs.h"
#include "launch/plan/weights_fit.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

struct Plan {
  Expansion expansion;
  // Code part; empty without a bundle.
  std::string code;
  std::vector<FoundInput> found;
  // Of the directories of weights among them.
  std::vector<WeightsFit> weights;
  // Made inputs in the order in which they can be made, then runs: job
  // `first_run + i` is run i of the expansion.
  std::vector<Job> jobs;
  int first_run = 0;

  // The jobs that are runs.
  absl::Span<const Job> Runs() const {
    return absl::MakeConstSpan(jobs).subspan(first_run);
  }
  // Selected runs, and those of them in `state`.
  int CountSelected() const;
  int CountRuns(JobState state) const;
};

// Called while a found input is hashed.
using HashProgress =
    std::function<void(const FoundInput& input, int64_t done, int64_t total)>;

// Which found inputs are hashed.
struct Hashing {
  HashProgress progress;
  // FoundKey of each.
  std::set<std::string> keys;
};

// Makes the plan of an expanded experiment for a store, a site and a code part
// ("" if not known). Found inputs that the store's cache does not know stay
// pending, and so do the ids of `expansion` that rest on them; those that
// `hash` names are hashed, and a problem of one is an error. Of others it is
// said of the runs that need them (Job::misfit), as is that weights do not fit.
//
// `accepted` are starts of other code parts whose results count: a run that is
// done under one of them, the first that has it, is done. InvalidArgument for
// one that matches no code of the store, or several.
absl::StatusOr<Plan> MakePlan(Expansion expansion, const Store& store,
                              const SiteFile& site, absl::string_view code,
                              const Hashing* hash,
                              absl::Span<const std::string> accepted = {});

// Looks at the store again and brings state, note and result of `job` up to
// date; `accepted` are whole names of directories.
void RefreshState(const Store& store, absl::string_view code, Job* job,
                  absl::Span<const std::string> accepted = {});

// Whether an attempt in the job's directory, which ended as `outcome` says,
// failed at what the job does. It did not if it was made for another run that
// trains the same and may have failed at what that evaluates.
bool IsFailureOf(const Job& job, int attempt, const Outcome& outcome);

// Contents of spec.textproto of job `index`: what it makes, resolved.
std::string SpecText(const Plan& plan, int index);

// Whether the job failed at its spec, or alike so often, that it is not started
// again by itself (equal_failures.h).
bool IsGivenUp(const Job& job);

// Indices of the selected runs that are given up, and of such inputs that
// selected runs need which are to do.
std::vector<int> GivenUpJobs(const Plan& plan);

// A line for each found input because of which a selected run that is to do is
// not wanted: MissingText or FitText (weights_fit.h).
std::vector<std::string> MisfitsText(const Plan& plan);

// Keys of the found inputs that wanted jobs read.
std::set<std::string> NeededKeys(const Plan& plan);

// By index into Plan::found, whether a selected run that is to do needs it,
// itself or through what is to be made for it.
std::vector<bool> NeededFound(const Plan& plan);

// Sets `selected` of the runs (experiments/selecting/selector.h), and `wanted`
// of those among them that are to do. What is given up, and runs that need such
// an input, are wanted only with `retry` or if the selectors name runs or ask
// for failed ones (NamesRuns). Runs with a misfit are wanted only where that
// leaves nothing else of the selection: then nothing can start (FindObstacles,
// schedule.h). Errors as Select's.
absl::Status SelectRuns(absl::Span<const std::string> selectors, Plan* plan,
                        bool retry = false);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_H_
