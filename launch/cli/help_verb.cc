// `transect help`.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "experiments/reading/field_help.h"
#include "launch/cli/output.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> ShowFieldHelp(const CommandContext& context,
                                  const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, FieldHelp(path));
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  return 0;
}

}  // namespace

void AddHelpVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb =
      app->add_subcommand("help", "Print what a field of an experiment means.");
  const auto path = std::make_shared<std::string>();
  verb->add_option("FIELD.PATH", *path,
                   "Such as training.optimizer.lr; without it, the fields at "
                   "the top.");
  OnVerb(verb, line, path, ShowFieldHelp);
}

}  // namespace transect
