/// \file
/// The ranks of an attempt on the nodes of an allocation, started by `srun`.
#ifndef TRANSECT_LAUNCH_SLURM_SRUN_RANKS_H_
#define TRANSECT_LAUNCH_SLURM_SRUN_RANKS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/execute/ranks.h"
#include "launch/inputs/site.pb.h"

namespace transect {

struct SrunOptions {
  /// The copy of `transect` in the store.
  std::string program;
  SlurmSite site;
  /// Processors of a rank.
  int processors = 1;
  /// "FROM=TO" each: what ranks copy to the node's disk first, and the worker
  /// to execute (staged.h).
  std::vector<std::string> stage;
  std::string worker;
};

/// The command that starts them, without the path of srun.
std::vector<std::string> SrunCommand(const SrunOptions& options,
                                     const RanksSpec& spec);

/// Whether Slurm says there that the kernel killed processes of the step
/// because it had more memory than the job asked for. `step_log` is what srun
/// and slurmstepd wrote; ranks have logs of their own.
bool SaysOutOfMemory(absl::string_view step_log);

/// Starts them. srun returns 143 for a rank that ended with 7, so how each
/// ended is read from what it left (rank_process.h); a rank that left nothing
/// when srun is gone ended with MEMORY if SaysOutOfMemory, else with TRY_AGAIN,
/// and the note says what srun said last. The error of a program that does not
/// start is returned.
absl::StatusOr<std::unique_ptr<Ranks>> StartSrunRanks(
    const SrunOptions& options, const RanksSpec& spec);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SRUN_RANKS_H_
