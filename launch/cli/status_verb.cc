// `transect status`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct StatusOptions {
  std::string spec;
  std::vector<std::string> selectors;
  bool quiet = false;
};

absl::StatusOr<int> ShowStatus(const CommandContext& context,
                               const StatusOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(
      const ExperimentSession session,
      OpenExperiment(context, options.spec, options.selectors));
  const Plan& plan = session.plan;
  if (!options.quiet) {
    TRANSECT_RETURN_IF_ERROR(
        PrintOut(absl::StrCat(plan.expansion.name, ": ", plan.CountSelected(),
                              " runs: ", CountsText(plan), "\n")));
  }
  bool running = false;
  bool all_done = true;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    const bool is_run = i >= static_cast<size_t>(plan.first_run);
    running = running ||
              (job.state == JobState::kRunning && (!is_run || job.selected));
    if (is_run && job.selected) {
      all_done = all_done && job.state == JobState::kDone;
    }
  }
  return all_done ? 0 : running ? 3 : 2;
}

}  // namespace

void AddStatusVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "status",
      "Count the runs by state. Exit codes: 0 all are done, 3 something is "
      "running, 2 otherwise.",
      &options->spec);
  AddSelectors(verb, &options->selectors);
  AddAcceptCode(verb, line);
  verb->add_flag("-q,--quiet", options->quiet, "Print nothing.");
  OnVerb(verb, line, options, ShowStatus);
}

}  // namespace transect
