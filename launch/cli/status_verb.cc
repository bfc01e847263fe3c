// `transect status`.

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/plan/status_report.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct StatusOptions : ExperimentOptions {
  bool quiet = false;
  // text or json.
  std::string format = "text";
};

absl::StatusOr<int> ShowStatus(const CommandContext& context,
                               const StatusOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const ExperimentSession session,
                            OpenExperiment(context, options));
  const Plan& plan = session.plan;
  if (!options.quiet) {
    const StatusReport report = MakeStatusReport(plan);
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string text,
        options.format == "json"
            ? PrintProtoJson(report)
            : RenderStatus(report, TerminalWidth(STDOUT_FILENO)));
    TRANSECT_RETURN_IF_ERROR(
        PrintOut(text, PrintedAs(context, options.format)));
  }
  if (plan.CountRuns(JobState::kDone) == plan.CountSelected()) {
    return 0;
  }
  // Inputs too, which are always selected.
  const bool running = std::ranges::any_of(plan.jobs, [](const Job& job) {
    return job.selected && job.state == JobState::kRunning;
  });
  return running ? 3 : 2;
}

}  // namespace

void AddStatusVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "status",
      "Count the runs by state, and hold the prices of those that are done "
      "against what they took. Exit codes: 0 all are done, 3 something is "
      "running, 2 otherwise.",
      options.get());
  AddAcceptCode(verb, line);
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/plan/status_report.proto).");
  verb->add_flag("-q,--quiet", options->quiet, "Print nothing.");
  OnVerb(verb, line, options, ShowStatus);
}

}  // namespace transect
