/// \file
/// Attempts that Slurm killed, with all of their job, because the job had more
/// memory than it asked for.
///
/// Nobody is left to write down how such an attempt ended. Slurm alone knows
/// it, for some minutes: the job is listed as OUT_OF_MEMORY. Who asks Slurm
/// then writes the outcome for it, so that the run is taken up like one whose
/// ranks said MEMORY themselves: once more with activation checkpointing.
#ifndef TRANSECT_LAUNCH_LEDGER_MEMORY_KILL_H_
#define TRANSECT_LAUNCH_LEDGER_MEMORY_KILL_H_

#include <vector>

#include "absl/types/span.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

/// The newest attempt of a run if a job of `queue` that ran out of memory had
/// it and the ledgers say nothing of its end, else 0. A number alone identifies
/// no job: its comment must be that of a submission of the run. Pure.
int AttemptKilledForMemory(const Ledger& ledger, const RunHistory& history,
                           const std::vector<QueuedJob>& queue);

/// Writes the outcomes of such attempts of `runs`, indices into Plan::jobs,
/// that have none, where nobody works on the run; returns these runs. Where it
/// cannot, the run is taken up as after the death of a node. Costs nothing
/// while no job of `queue` ran out of memory.
std::vector<int> WriteMemoryKills(const Store& store, const Plan& plan,
                                  absl::Span<const int> runs,
                                  const std::vector<QueuedJob>& queue);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_MEMORY_KILL_H_
