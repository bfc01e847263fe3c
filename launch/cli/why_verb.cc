// `transect why`.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/two_files.h"
#include "launch/cli/two_runs.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/plan/why.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct WhyOptions {
  // With `stale` an experiment file, then selectors.
  TwoRunsOptions two;
  bool stale = false;
};

absl::StatusOr<int> ShowStale(const CommandContext& context,
                              absl::Span<const std::string> words) {
  if (words.empty()) {
    return absl::InvalidArgumentError("--stale needs an experiment file");
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const ExperimentSession session,
      OpenExperiment(context, {words[0], {words.begin() + 1, words.end()}}));
  StaleCommands commands;
  commands.run = CommandText(context, "run", words[0]);
  commands.evaluate = CommandText(context, "evaluate --spec", words[0]);
  TRANSECT_RETURN_IF_ERROR(PrintOut(
      ExplainStale(session.plan, session.store, session.parts, commands)));
  return session.plan.CountRuns(JobState::kStale) > 0 ? 2 : 0;
}

absl::StatusOr<int> ShowWhy(const CommandContext& context,
                            const WhyOptions& options) {
  if (options.stale) {
    return ShowStale(context, options.two.runs);
  }
  const std::vector<std::string>& names = options.two.runs;
  if (names.size() == 2 && options.two.spec.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
    TRANSECT_ASSIGN_OR_RETURN(const std::optional<FilesCompared> files,
                              CompareFiles(session, names[0], names[1]));
    if (files.has_value()) {
      TRANSECT_RETURN_IF_ERROR(PrintOut(files->text));
      return files->same ? 0 : 2;
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const TwoRuns runs,
      FindTwoRuns(context, options.two, /*outcomes=*/false));
  TRANSECT_RETURN_IF_ERROR(
      PrintOut(ExplainRuns(runs.a.identity, runs.b.identity)));
  return runs.exit_code();
}

}  // namespace

void AddWhyVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "why",
      "Say which part of the identity of two runs differs and how. Exit code 2 "
      "if they are not one run.");
  const auto options = std::make_shared<WhyOptions>();
  verb->add_option("RUN", options->two.runs,
                   absl::StrCat(kTwoRunsHelp,
                                " Or two experiments of several runs, whose "
                                "runs are compared by name. With --stale: an "
                                "experiment file, then selectors."))
      ->required();
  AddTwoRunsFlags(verb, line, &options->two);
  verb->add_flag("--stale", options->stale,
                 "Say what changed in the code since the stale runs of an "
                 "experiment were done.")
      ->excludes("--spec");
  OnVerb(verb, line, options, ShowWhy);
}

}  // namespace transect
