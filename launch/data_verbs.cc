#include <memory>

#include "CLI/CLI.hpp"
#include "launch/data_commands.h"
#include "launch/verbs.h"

namespace transect {

void AddDataVerbs(CLI::App* app, Verbs* verbs) {
  CLI::App* data = app->add_subcommand("data", "Data sets: make one.");
  data->require_subcommand(1);

  CLI::App* synth = data->add_subcommand(
      "synth", "Write a synthetic data set in the layout of RRSIS-D.");
  const auto options = std::make_shared<DataSynthOptions>();
  synth->add_option("RECIPE", options->recipe,
                    "Text file of a SynthesisSpec (data/data.proto). Default: "
                    "its defaults.");
  synth->add_option("--out", options->out, "Folder to make; must not exist.")
      ->required();
  synth->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataSynthCommand(verbs->context, *options);
    };
  });
}

}  // namespace transect
