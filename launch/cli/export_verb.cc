#include <memory>

#include "CLI/CLI.hpp"
#include "launch/cli/export_command.h"
#include "launch/cli/verbs.h"

namespace transect {

void AddExportVerb(CLI::App* app, Verbs* verbs) {
  CLI::App* verb = app->add_subcommand(
      "export",
      "Write what a run trained for other tools: adapters for PEFT, or whole "
      "models for Transformers.");
  const auto options = std::make_shared<ExportOptions>();
  verb->add_option("--run", options->run,
                   "The run: the start of its id (`transect plan` prints ids), "
                   "or ID/CODE.")
      ->required();
  verb->add_option(
      "--peft", options->peft,
      "Directory to make: siglip_vision/, siglip_text/ and "
      "sam_vision/ as PEFT saves adapters, and the trainable rest "
      "in rest.safetensors. `weights.adapters` of a run reads it.");
  verb->add_option("--merged", options->merged,
                   "Directory to make: siglip/ and sam/ as Transformers saves "
                   "models, adapters merged, and rest.safetensors. "
                   "`weights.found` of a run reads them.");
  verb->add_option("--store", verbs->context.store,
                   "Directory of the store. Default: TRANSECT_STORE, else the "
                   "site file's, else transect_store here.");
  verb->add_option("--site", verbs->context.site,
                   "Site file: where this machine keeps data. Default: "
                   "TRANSECT_SITE, else ~/.config/transect/site.textproto.");
  verb->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return ExportCommand(verbs->context, *options);
    };
  });
}

}  // namespace transect
