// `transect rank`: what srun starts on each node (launch/slurm/rank_process.h).
// Not shown.

#include <memory>

#include "absl/status/statusor.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/slurm/rank_process.h"

namespace transect {
namespace {

absl::StatusOr<int> BeRank(const CommandContext&, const RankProcess& rank) {
  return RunRankProcess(rank);
}

}  // namespace

void AddRankVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "rank", "Be a rank of an attempt on a node; `transect slot` starts it.");
  verb->group("");
  const auto rank = std::make_shared<RankProcess>();
  verb->add_option("--launch", rank->launch, "launch.textproto of the attempt.")
      ->required();
  verb->add_option("--worker", rank->worker, "The worker.")->required();
  verb->add_option("--threads", rank->threads, "Compute threads.");
  verb->add_option("--interface", rank->interface,
                   "Network interface by which nodes talk.");
  verb->add_option("--stage", rank->stage,
                   "FROM=TO: a directory to copy to the node's disk first.")
      ->allow_extra_args(false);
  verb->add_option("--prefix", rank->prefix, "A word before the worker.")
      ->allow_extra_args(false);
  OnVerb(verb, line, rank, BeRank);
}

}  // namespace transect
