/// \file
/// What Slurm has for the runs of a plan, from its queue and the records of
/// sweeps that its jobs' comments name.
#ifndef TRANSECT_LAUNCH_SLURM_COVERAGE_H_
#define TRANSECT_LAUNCH_SLURM_COVERAGE_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/plan.h"
#include "launch/slurm/sweep.h"
#include "launch/store/store.h"

namespace transect {

/// A job that has or will have a run.
struct LiveJob {
  const QueuedJob* job = nullptr;
  /// SweepJob.last_attempt of the run: it tries no run again that failed since.
  int last_attempt = 0;
};

/// Runs of a job by its comment: ids, each with its last attempt before it.
using RunsOfJob = std::vector<std::pair<std::string, int>>;
using RunsByComment = std::map<std::string, RunsOfJob>;

/// The runs of the job of that comment in this store and under the plan's code;
/// none of a job of somebody else. `known` keeps what was read: records of
/// sweeps do not change.
const RunsOfJob& RunsOf(const Store& store, const Plan& plan,
                        absl::string_view comment, RunsByComment* known);

class Coverage {
 public:
  /// `queue` must outlive it.
  Coverage(const Store& store, const Plan& plan,
           const std::vector<QueuedJob>& queue, RunsByComment* known);

  /// The job that has the run, or null.
  const LiveJob* Live(const std::string& id) const;
  /// Whether somebody cancelled a job that had it.
  bool Cancelled(const std::string& id) const {
    return cancelled_.contains(id);
  }

 private:
  std::map<std::string, LiveJob> live_;
  std::set<std::string> cancelled_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_COVERAGE_H_
