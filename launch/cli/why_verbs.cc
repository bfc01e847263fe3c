#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "launch/cli/verbs.h"
#include "launch/cli/why_commands.h"

namespace transect {
namespace {

constexpr char kTwoRuns[] =
    "Starts of the ids of two runs in the store, ID or ID/CODE; with --spec "
    "selectors of one run each, such as \"rank=2 seed=1\" or #3.";

void AddCommonFlags(CLI::App* verb, Verbs* verbs, std::string* spec) {
  verb->add_option("--spec", *spec,
                   "Experiment file (*.textproto) whose runs are meant.");
  AddPlaces(verb, verbs);
  AddOverrides(verb, verbs);
}

}  // namespace

void AddWhyVerbs(CLI::App* app, Verbs* verbs) {
  CLI::App* why = app->add_subcommand(
      "why",
      "Say which part of the identity of two runs differs and how. Exit code 2 "
      "if they are not one run.");
  const auto options = std::make_shared<WhyOptions>();
  AddCommonFlags(why, verbs, &options->spec);
  why->add_option("RUN", options->runs,
                  std::string(kTwoRuns) +
                      " With --stale: an experiment file, and selectors.")
      ->required();
  why->add_flag("--stale", options->stale,
                "Say what of the code changed since the stale runs of an "
                "experiment were done.")
      ->excludes("--spec");
  why->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return WhyCommand(verbs->context, *options);
    };
  });

  CLI::App* diff = app->add_subcommand(
      "diff",
      "Show configuration, code, data and results of two runs side by side. "
      "Exit code 2 if they are not one run.");
  const auto diff_options = std::make_shared<DiffOptions>();
  diff->add_option("RUN", diff_options->runs, kTwoRuns)
      ->required()
      ->expected(2);
  AddCommonFlags(diff, verbs, &diff_options->spec);
  diff->callback([verbs, diff_options] {
    verbs->chosen = [verbs, diff_options] {
      return DiffCommand(verbs->context, *diff_options);
    };
  });
}

}  // namespace transect
