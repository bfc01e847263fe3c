#include "launch/cli/verb.h"

#include "absl/strings/str_cat.h"

namespace transect {

void AddPlaces(CLI::App* verb, CommandLine* line) {
  verb->add_option("--store", line->context.store,
                   "Directory of the store. Default: TRANSECT_STORE, else the "
                   "site file's, else transect_store here.");
  verb->add_option("--site", line->context.site,
                   "Site file: where this machine keeps data. Default: "
                   "TRANSECT_SITE, else ~/.config/transect/site.textproto.");
  verb->add_option("--color", line->context.color,
                   "auto, always or never; auto honors NO_COLOR.")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void AddOverrides(CLI::App* verb, CommandLine* line) {
  verb->add_option("--set", line->context.overrides,
                   "Such as training.optimizer.lr=3e-4: sets a field of the "
                   "base; or seeds=1,2, or axis.NAME.values=8,16. Repeatable.")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

CLI::App* AddExperimentVerb(CLI::App* app, CommandLine* line,
                            const std::string& name, const std::string& about,
                            ExperimentOptions* options) {
  CLI::App* verb = app->add_subcommand(name, about);
  verb->add_option("SPEC", options->spec, "Experiment file (*.textproto).")
      ->required();
  AddOverrides(verb, line);
  AddPlaces(verb, line);
  verb->add_option("SELECTOR", options->selectors,
                   "Only runs that match all of these: rank=8,16, !text=ZERO, "
                   "seed<3, state=FAILED, design=NAME, the start of an id, or "
                   "#3 for the third run that `transect plan` prints.");
  return verb;
}

void AddAcceptCode(CLI::App* verb, CommandLine* line) {
  verb->add_option("--accept-code", line->context.accepted_codes,
                   "Starts of code parts, separated by commas: results of "
                   "these count as if the present code had made them.")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void AddRetry(CLI::App* verb, CommandLine* line) {
  verb->add_flag("--retry", line->context.retry,
                 "Also start what failed three times with the same cause. "
                 "Selecting such runs, as with state=failed or by id, does the "
                 "same.");
}

void AddBudget(CLI::App* verb, std::string* budget) {
  verb->add_option("--budget", *budget,
                   "Only what this many hours pay for, such as 40gpuh, 8cpuh "
                   "or 2nodeh: the base, then whole cells in the order of the "
                   "tables.");
}

void AddFormat(CLI::App* verb, std::string* format,
               const std::vector<std::string>& formats,
               const std::string& about) {
  *format = formats.front();
  verb->add_option("--format", *format,
                   absl::StrCat(about, " Default: ", *format, "."))
      ->check(CLI::IsMember(formats));
}

}  // namespace transect
