// `transect completion`.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/completion.h"
#include "launch/cli/output.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct CompletionOptions {
  // What is completed: all verbs and flags that it has when the verb runs.
  const CLI::App* app = nullptr;
  std::string shell;
};

absl::StatusOr<int> PrintScript(const CommandContext& context,
                                const CompletionOptions& options) {
  TRANSECT_RETURN_IF_ERROR(PrintOut(options.shell == "bash"
                                        ? BashCompletion(*options.app)
                                        : ZshCompletion(*options.app),
                                    Printed::kDocument));
  return 0;
}

}  // namespace

void AddCompletionVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "completion",
      "Print a script that completes verbs, flags, fields, selectors, runs and "
      "published sets in a shell; docs/editors.md says how to install it.");
  const auto options = std::make_shared<CompletionOptions>();
  options->app = app;
  verb->add_option("SHELL", options->shell, "bash or zsh.")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  OnVerb(verb, line, options, PrintScript);
}

}  // namespace transect
