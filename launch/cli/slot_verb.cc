// `transect slot`: what Slurm's jobs execute (launch/slurm/slot.h). Not shown.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/slurm/slot.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> WorkInSlot(const CommandContext& context,
                               const SlotOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Store store, Store::Open(context.store));
  return RunSlot(store, options);
}

}  // namespace

void AddSlotVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "slot",
      "Work on the runs of a sweep in a job of Slurm; `transect run SPEC "
      "--executor slurm` submits such jobs.");
  verb->group("");
  const auto options = std::make_shared<SlotOptions>();
  verb->add_option("--store", line->context.store, "Directory of the store.")
      ->required();
  verb->add_option("--sweep", options->sweep, "Name of the sweep.")->required();
  verb->add_option("--group", options->group, "Group of its runs.")->required();
  verb->add_option("--run", options->run, "Id of the only run.");
  OnVerb(verb, line, options, WorkInSlot);
}

}  // namespace transect
