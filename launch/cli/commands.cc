#include "launch/cli/commands.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/field_help.h"
#include "launch/cli/report_input.h"
#include "launch/cli/session.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<int> PlanCommand(const CommandContext& context,
                                const PlanOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session,
                            OpenSession(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(Plan plan,
                            PlanWithoutHashing(session, options.selectors));
  TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced,
                            PricePlan(session, options.budget, &plan));
  TRANSECT_RETURN_IF_ERROR(PrintPlan(context, session, options, priced, plan));
  return 0;
}

absl::StatusOr<int> ReportCommand(const CommandContext& context,
                                  const ReportOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(Session session,
                            OpenSession(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(
      session.published,
      ChoosePublished(session.experiment.report(), options.published));
  TRANSECT_ASSIGN_OR_RETURN(const Plan plan,
                            PlanWithoutHashing(session, options.selectors));
  TRANSECT_ASSIGN_OR_RETURN(const RenderedReport report,
                            MakeReport(context, session, plan));
  const std::string& text = options.format == "md"     ? report.markdown
                            : options.format == "json" ? report.json
                                                       : report.text;
  if (options.out.empty()) {
    TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  } else {
    TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(options.out, text));
  }
  return report.exit_code;
}

absl::StatusOr<int> StatusCommand(const CommandContext& context,
                                  const StatusOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session,
                            OpenSession(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(const Plan plan,
                            PlanWithoutHashing(session, options.selectors));
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

absl::StatusOr<int> SpecCommand(const CommandContext& context,
                                const SpecOptions& options) {
  if (options.check) {
    TRANSECT_RETURN_IF_ERROR(LoadChecked(context, options.spec).status());
    return 0;
  }
  TRANSECT_ASSIGN_OR_RETURN(const Session session,
                            OpenSession(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(const Plan plan,
                            PlanWithoutHashing(session, options.selectors));
  if (!options.resolved) {
    TRANSECT_RETURN_IF_ERROR(PrintOut(PrintTextproto(session.experiment)));
    return 0;
  }
  for (size_t i = 0; i < plan.expansion.runs.size(); ++i) {
    const Job& job = plan.jobs[plan.first_run + i];
    if (job.selected) {
      TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(
          "# ", job.name, "\n",
          PrintResolved(plan.expansion, static_cast<int>(i)), "\n")));
    }
  }
  if (plan.CountSelected() == 0) {
    Tell("no run fits the selectors\n");
  }
  return 0;
}

absl::StatusOr<int> HelpCommand(const HelpOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, FieldHelp(options.path));
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  return 0;
}

}  // namespace transect
