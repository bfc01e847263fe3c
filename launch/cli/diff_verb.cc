// `transect diff`.

#include <memory>

#include "absl/status/statusor.h"
#include "launch/cli/output.h"
#include "launch/cli/two_runs.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/why.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> ShowDiff(const CommandContext& context,
                             const TwoRunsOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const TwoRuns runs,
                            FindTwoRuns(context, options, /*outcomes=*/true));
  TRANSECT_RETURN_IF_ERROR(PrintOut(CompareRuns(runs.a, runs.b)));
  return runs.exit_code();
}

}  // namespace

void AddDiffVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "diff",
      "Show configuration, code, data and results of two runs side by side. "
      "Exit code 2 if they are not one run.");
  const auto options = std::make_shared<TwoRunsOptions>();
  verb->add_option("RUN", options->runs, kTwoRunsHelp)->required();
  AddTwoRunsFlags(verb, line, options.get());
  OnVerb(verb, line, options, ShowDiff);
}

}  // namespace transect
