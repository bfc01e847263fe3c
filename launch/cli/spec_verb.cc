// `transect spec`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct SpecOptions : ExperimentOptions {
  bool resolved = false;
  bool check = false;
};

absl::StatusOr<int> ShowSpec(const CommandContext& context,
                             const SpecOptions& options) {
  if (options.check) {
    TRANSECT_RETURN_IF_ERROR(LoadChecked(context, options.spec).status());
    return 0;
  }
  TRANSECT_ASSIGN_OR_RETURN(const ExperimentSession session,
                            OpenExperiment(context, options));
  if (!options.resolved) {
    TRANSECT_RETURN_IF_ERROR(
        PrintOut(PrintTextproto(session.experiment), Printed::kDocument));
    return 0;
  }
  const Plan& plan = session.plan;
  for (size_t i = 0; i < plan.expansion.runs.size(); ++i) {
    const Job& job = plan.jobs[plan.first_run + i];
    if (job.selected) {
      TRANSECT_RETURN_IF_ERROR(PrintOut(
          absl::StrCat("# ", OneLine(job.name), "\n",
                       PrintResolved(plan.expansion, static_cast<int>(i)),
                       "\n"),
          Printed::kDocument));
    }
  }
  return 0;
}

}  // namespace

void AddSpecVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<SpecOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "spec", "Check SPEC and print it with its includes merged.",
      options.get());
  verb->add_flag("--resolved", options->resolved,
                 "Print every run with all defaults written out.");
  verb->add_flag("--check", options->check,
                 "Print only what is wrong; needs no store.")
      ->excludes("--resolved");
  OnVerb(verb, line, options, ShowSpec);
}

}  // namespace transect
