/// \file
/// What Slurm is given: batch scripts and the commands that submit them.
#ifndef TRANSECT_LAUNCH_SLURM_SCRIPT_H_
#define TRANSECT_LAUNCH_SLURM_SCRIPT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "launch/slurm/sweep.h"
#include "launch/slurm/sweep.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Most times that a job asks Slurm to start it again.
inline constexpr int kMostRequeues = 100;

/// The script of group `group`: it starts `transect slot` and hands signals on.
/// The same sweep gives the same bytes.
std::string ScriptText(const Store& store, const Sweep& sweep, int group);

/// Writes the record of the sweep, its jobs and the scripts of its groups.
absl::Status WriteSweep(const Store& store, const MadeSweep& made);

struct SubmitCommand {
  std::vector<std::string> words;
  /// --job-name, --comment and the ids of its runs.
  std::string name;
  std::string comment;
  std::vector<std::string> runs;
};

/// The commands that submit the group: arrays of its slots, none larger than
/// the site allows; or one job for each run.
std::vector<SubmitCommand> SubmitCommands(const Store& store,
                                          const Sweep& sweep, int group);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SCRIPT_H_
