// `transect plan`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/cli/plan_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> PrintThePlan(const CommandContext& context,
                                 const PlanScreen& screen) {
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, screen));
  return PrintPlan(context, screen, &session);
}

}  // namespace

void AddPlanVerb(CLI::App* app, CommandLine* line) {
  const auto screen = std::make_shared<PlanScreen>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "plan",
      "Print what would run, what is done and what it costs. Writes nothing. "
      "Exit code 1 where nothing can start.",
      screen.get());
  AddAcceptCode(verb, line);
  AddRetry(verb, line);
  AddBudget(verb, &screen->budget);
  AddFormat(verb, &screen->format, {"text", "json"},
            "text or json (launch/plan/plan_report.proto).");
  verb->add_flag("--all", screen->all,
                 "Show every run; without it a plan of many runs shows cells.");
  OnVerb(verb, line, screen, PrintThePlan);
}

}  // namespace transect
