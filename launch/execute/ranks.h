/// \file
/// The processes of an attempt: how they are started, told and collected.
///
/// Here they are processes of this machine; launch/slurm/srun_ranks.h has them
/// on the nodes of an allocation. What follows from their ends is decided by
/// Attempt (attempt.h), the same for both.
#ifndef TRANSECT_LAUNCH_EXECUTE_RANKS_H_
#define TRANSECT_LAUNCH_EXECUTE_RANKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/store/job.pb.h"

namespace transect {

/// How a process ended.
struct RankEnd {
  int rank = 0;
  int exit_code = 0;
  int signal = 0;
  /// It was told to stop, so its end explains nothing.
  bool told = false;
  /// It was killed while the kernel killed processes because memory ran out.
  bool out_of_memory = false;
  /// Why, in words, where its log cannot say it.
  std::string note = {};

  bool failed() const { return exit_code != 0 || signal != 0; }
};

/// What is started.
struct RanksSpec {
  /// Absolute path of the worker.
  std::string worker;
  /// As it stands in the attempt's launch.textproto.
  LaunchPlan plan;
  /// Compute threads of a rank.
  int threads = 1;
  /// Machines on which they are, as many on each.
  int nodes = 1;
  /// Descriptor of the job's lease, for ranks to inherit.
  int lease_descriptor = -1;
  /// OutOfMemoryKills (launch/inputs/limits.h) or another.
  std::function<int64_t()> out_of_memory_kills;
};

class Ranks {
 public:
  /// Kills those that still run.
  virtual ~Ranks() = default;

  /// The ends that were not told before, in order of time; Attempt says which
  /// were `told`. Never waits.
  virtual std::vector<RankEnd> Collect() = 0;

  /// Whether Collect has not told of all of them.
  virtual bool running() const = 0;

  /// Sends all that run SIGTERM (write a checkpoint and end), SIGKILL, SIGSTOP
  /// or SIGCONT.
  virtual void Signal(int signal_number) = 0;
};

using RankStarter =
    std::function<absl::StatusOr<std::unique_ptr<Ranks>>(const RanksSpec&)>;

/// Starts the ranks as processes of this machine, in a thread that lives as
/// long as the process (process.h says why).
absl::StatusOr<std::unique_ptr<Ranks>> StartLocalRanks(const RanksSpec& spec);

/// The environment of a rank on this machine (RankEnvironment, process.h):
/// `visible_gpus` is its CUDA_VISIBLE_DEVICES.
std::vector<std::string> EnvironmentOfRank(int threads,
                                           const std::string& visible_gpus);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_RANKS_H_
