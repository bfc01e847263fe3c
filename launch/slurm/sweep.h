/// \file
/// Sweeps: from the wanted jobs of a plan to what is given to Slurm, and back
/// to a plan in a worker slot.
///
/// Runs of equal resources are a group. From kArrayFrom runs on a group is an
/// array of worker slots under the sweep's name, each of which takes one run
/// after the other by their leases; smaller ones are single jobs under the ids
/// of their runs, of which Slurm lets one at a time be (singleton).
#ifndef TRANSECT_LAUNCH_SLURM_SWEEP_H_
#define TRANSECT_LAUNCH_SLURM_SWEEP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/inputs/site.pb.h"
#include "launch/plan/plan.h"
#include "launch/slurm/allocation.h"
#include "launch/slurm/sweep.pb.h"
#include "launch/slurm/sweep_jobs.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Fewest runs of a group that is an array.
inline constexpr int kArrayFrom = 8;

/// What a sweep has besides the plan.
struct SweepParts {
  Site site;
  /// Digest of the copy of `transect` (program.h), and path of the worker in
  /// the bundle.
  std::string program;
  std::string worker;
  Provenance provenance;
};

/// A sweep and the contents of its file `jobs`.
struct MadeSweep {
  Sweep sweep;
  std::string jobs;
};

/// The sweep of the wanted runs `runs`, indices into Plan::jobs, and the inputs
/// that these need and that are to be made. Its name is a digest: the same
/// again has the same name. Errors as of AllocationOf.
absl::StatusOr<MadeSweep> MakeSweep(const Plan& plan, const Store& store,
                                    absl::Span<const int> runs,
                                    const SweepParts& parts);

Allocation AllocationOf(const SweepGroup& group);

/// --job-name of a run that is a job of its own, and of the array of a group,
/// which depends on experiment, store, code and what it asks for only.
std::string SingleName(absl::string_view run_id);
std::string ArrayName(const Plan& plan, const Store& store,
                      const Allocation& allocation);

/// --comment of a group's array or, with a run's id, of its single job, and
/// what one says.
struct JobComment {
  std::string sweep;
  int group = -1;
  /// Full id; empty for an array.
  std::string run;
};
std::string CommentText(const JobComment& comment);
JobComment ParseComment(absl::string_view text);

/// What WriteSweep (script.h) wrote. kNotFound if there is none of that name.
absl::StatusOr<Sweep> ReadSweep(const Store& store, absl::string_view name);

/// The runs of group `group`, indices of jobs, or `run` alone, an id, if it is
/// not empty. kInvalidArgument for a group or run that is not there.
absl::StatusOr<std::vector<int>> RunsOfGroup(const Sweep& sweep, int group,
                                             absl::string_view run);

/// The runs `runs`, indices of jobs, as a plan: what of the sweep's inputs they
/// need, then they. `sources` has each job of the plan as the sweep has it.
absl::StatusOr<Plan> PlanOfSweep(const Sweep& sweep, SweepJobsReader* jobs,
                                 absl::Span<const int> runs,
                                 std::vector<SweepJob>* sources);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SWEEP_H_
