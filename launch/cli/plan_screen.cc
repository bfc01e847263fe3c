#include "launch/cli/plan_screen.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "data/index/index_cache.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/execute/process.h"
#include "launch/plan/data_use.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/plan_text.h"
#include "launch/store/bundle_size.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<PricedPlan> PricePlan(const std::string& text,
                                     ExperimentSession* session) {
  PricedPlan priced;
  priced.machine = ThisMachine();
  priced.prices =
      PriceJobs(session->plan, ReadThroughputs(session->store), priced.machine);
  if (!text.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const Budget budget, ParseBudget(text));
    TRANSECT_ASSIGN_OR_RETURN(
        priced.budget, ApplyBudget(budget, priced.prices, &session->plan));
  }
  return priced;
}

absl::StatusOr<int> PrintPlan(const CommandContext& context,
                              const PlanScreen& screen,
                              ExperimentSession* session) {
  TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced,
                            PricePlan(screen.budget, session));
  PlanFrame frame;
  frame.spec = screen.spec;
  frame.store = session->store.root();
  frame.run_command = CommandText(context, "run", screen.spec);
  if (!screen.selectors.empty()) {
    absl::StrAppend(&frame.run_command, " ", ShellQuoted(screen.selectors));
  }
  if (!screen.budget.empty()) {
    absl::StrAppend(&frame.run_command, " --budget ",
                    ShellQuoted({screen.budget}));
  }
  frame.report_command = CommandText(context, "report", screen.spec);
  frame.machine = priced.machine;
  frame.budget = priced.budget;
  if (session->worker.ok()) {
    frame.bundle_bytes =
        BytesOfNewBundle(*session->worker, *session->parts, session->store);
  }
  frame.data_use = FindDataUse(session->plan, IndexCacheDir());
  const PlanReport report =
      BuildPlanReport(session->plan, session->experiment, priced.prices, frame);
  if (screen.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(const std::string json, PrintProtoJson(report));
    TRANSECT_RETURN_IF_ERROR(PrintOut(json));
    return CanStart(report) ? 0 : 1;
  }
  PlanStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  style.all = screen.all;
  TRANSECT_RETURN_IF_ERROR(PrintOut(RenderPlan(report, style)));
  return CanStart(report) ? 0 : 1;
}

}  // namespace transect
