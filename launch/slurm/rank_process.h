/// \file
/// A rank on a node of an allocation: what `srun` starts, `transect rank`. It
/// starts the worker, hands signals on and writes down how it ended.
#ifndef TRANSECT_LAUNCH_SLURM_RANK_PROCESS_H_
#define TRANSECT_LAUNCH_SLURM_RANK_PROCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace transect {

struct RankProcess {
  /// launch.textproto of the attempt, and the worker.
  std::string launch;
  std::string worker;
  /// Words before the worker: of a container.
  std::vector<std::string> prefix;
  /// Compute threads.
  int threads = 1;
  /// Network interface to talk to other nodes by; empty where all ranks are on
  /// this one.
  std::string interface;
  /// "FROM=TO" each: directories to copy to the node's own disk first
  /// (staged.h).
  std::vector<std::string> stage;
};

/// Runs the rank of the number that Slurm gives in SLURM_PROCID. Its log is
/// that of the attempt. SIGTERM and SIGUSR2 become a SIGTERM of the worker.
/// Returns 0 however the worker ended, once its RankExit is written: the end of
/// one rank must not make `srun` end others that are writing a checkpoint.
/// What keeps the worker from starting is written to its log, as the worker
/// would, with the exit code TRY_AGAIN or, of a wrong site file, SPEC.
absl::StatusOr<int> RunRankProcess(const RankProcess& rank);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_RANK_PROCESS_H_
