/// \file
/// Gives runs to Slurm and writes down that it does.
#ifndef TRANSECT_LAUNCH_SLURM_SUBMIT_H_
#define TRANSECT_LAUNCH_SLURM_SUBMIT_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "launch/inputs/site.pb.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/plan.h"
#include "launch/slurm/sweep.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"

namespace transect {

/// What was done about the queue.
struct Submission {
  /// Numbers of the jobs that were submitted.
  std::vector<std::string> numbers;
  /// Wanted runs that jobs in Slurm had already.
  int already = 0;
  /// Name of the sweep; empty if nothing was submitted.
  std::string sweep;
};

/// The wanted runs of the plan, indices into Plan::jobs.
std::vector<int> WantedRuns(const Plan& plan);

/// Names under which jobs of `runs` may be in the queue: with one array for
/// each kind of allocation, they are few however many runs there are.
absl::StatusOr<std::vector<std::string>> NamesOf(const Plan& plan,
                                                 const Store& store,
                                                 absl::Span<const int> runs,
                                                 const SlurmSite& site);

/// The right to ask and submit for an experiment: what one launcher is about to
/// submit, another would not find. kUnavailable while another one has it.
absl::StatusOr<std::unique_ptr<Lease>> TakeSubmitLease(const Store& store,
                                                       const Plan& plan);

/// Submits `runs`, indices into Plan::jobs. `ledger` has each submission before
/// sbatch is called and its number afterwards; where it cannot be written,
/// nothing is submitted. sbatch inherits `lease`, which so stays taken until it
/// has ended, whatever happens to the caller.
absl::StatusOr<Submission> SubmitRuns(const SweepParts& parts,
                                      const Store& store, const Plan& plan,
                                      absl::Span<const int> runs,
                                      std::chrono::milliseconds timeout,
                                      const Lease& lease, LedgerWriter* ledger);

/// Submissions that the ledgers announce and of which they do not say what came
/// of them: their launcher died.
struct OpenIntent {
  std::string name;
  std::string comment;
};

/// Those of the runs `runs` of the plan, indices into Plan::jobs, under its
/// code; and the names under which anything was ever submitted for them.
struct Announced {
  std::vector<OpenIntent> open;
  std::vector<std::string> names;
};
absl::StatusOr<Announced> ReadAnnounced(const Store& store, const Plan& plan,
                                        absl::Span<const int> runs);

/// Writes down what came of `open`: SUBMITTED, with its number, where `queue`
/// has a job of that comment, else LOST.
absl::Status SettleIntents(const std::vector<OpenIntent>& open,
                           const std::vector<QueuedJob>& queue,
                           LedgerWriter* ledger);

/// What `transect run --executor slurm --dry-run` prints: the commands and the
/// scripts, all wanted runs taken as missing. Writes nothing.
absl::StatusOr<std::string> DryRunText(const SweepParts& parts,
                                       const Store& store, const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SUBMIT_H_
