#include "launch/cli/plan_screen.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/index/index_cache.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/execute/process.h"
#include "launch/plan/data_use.h"
#include "launch/plan/footprint.h"
#include "launch/plan/near_run.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/plan_text.h"
#include "launch/plan/schedule.h"
#include "launch/store/bundle_size.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// As training.ranks allows.
constexpr int kMostRanks = 4096;

// Known defects at which wanted jobs would stop. `run` looks for them itself
// and says more (used_data.h).
void AddDataObstacles(const Plan& plan, absl::Span<const PlanDataUse> uses,
                      std::vector<std::string>* obstacles) {
  const std::vector<UsedData> wanted = FindUsedData(plan);
  for (const PlanDataUse& use : uses) {
    const bool is_wanted = std::ranges::any_of(
        wanted,
        [&](const UsedData& used) { return used.data.role() == use.role(); });
    if (is_wanted && !use.stops().empty()) {
      obstacles->push_back(absl::StrCat(
          "data role '", use.role(),
          "' has records at which runs would stop: the lines \"a run would "
          "stop\" above"));
    }
  }
}

}  // namespace

absl::StatusOr<PricedPlan> PricePlan(const std::string& text,
                                     ExperimentSession* session,
                                     bool on_cluster) {
  PricedPlan priced;
  priced.resources = FindResources(session->site.site);
  priced.machine = ThisMachine();
  priced.machine.processors = priced.resources.processors;
  DataSizes sizes;
  priced.data_use = FindDataUse(session->plan, IndexCacheDir(), &sizes);
  priced.prices = PriceJobs(session->plan, ReadThroughputs(session->store),
                            priced.machine, sizes);
  if (!text.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const Budget budget, ParseBudget(text));
    TRANSECT_ASSIGN_OR_RETURN(
        priced.budget, ApplyBudget(budget, priced.prices, &session->plan));
  }
  Resources any;
  any.processors = std::numeric_limits<int>::max();
  any.gpus.resize(kMostRanks);
  priced.obstacles =
      FindObstacles(session->plan, priced.prices,
                    on_cluster ? any : priced.resources, kBuiltWithCuda);
  return priced;
}

absl::Status CheckCanStart(const PricedPlan& priced) {
  if (priced.obstacles.empty()) return absl::OkStatus();
  const char* const separator = priced.obstacles.size() == 1 ? " " : "\n  ";
  return absl::FailedPreconditionError(
      absl::StrCat("nothing can start:", separator,
                   absl::StrJoin(priced.obstacles, separator)));
}

std::string RunCommand(const CommandContext& context,
                       const PlanScreen& screen) {
  std::string command = CommandText(context, "run", screen.spec);
  if (!screen.selectors.empty()) {
    absl::StrAppend(&command, " ", ShellQuoted(screen.selectors));
  }
  if (!screen.budget.empty()) {
    absl::StrAppend(&command, " --budget ", ShellQuoted({screen.budget}));
  }
  if (context.retry) absl::StrAppend(&command, " --retry");
  return command;
}

absl::StatusOr<int> PrintPlan(const CommandContext& context,
                              const PlanScreen& screen,
                              ExperimentSession* session) {
  TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced,
                            PricePlan(screen.budget, session));
  PlanFrame frame;
  frame.spec = screen.spec;
  frame.store = session->store.root();
  frame.run_command = RunCommand(context, screen);
  frame.report_command = CommandText(context, "report", screen.spec);
  frame.resources = priced.resources;
  frame.obstacles = priced.obstacles;
  AddDataObstacles(session->plan, priced.data_use, &frame.obstacles);
  frame.budget = priced.budget;
  if (session->worker.ok()) {
    frame.bundle_bytes =
        BytesOfNewBundle(*session->worker, *session->parts, session->store);
  }
  frame.data_use = priced.data_use;
  const std::vector<std::string> near_runs =
      NoteNearRuns(session->store, &session->plan);
  PlanReport report =
      BuildPlanReport(session->plan, session->experiment, priced.prices, frame);
  // Where runs are not shown one by one.
  if (report.runs_size() > kMostRunsShown && !screen.all) {
    for (const std::string& line : near_runs) report.add_warnings(line);
  }
  if (screen.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(const std::string json, PrintProtoJson(report));
    TRANSECT_RETURN_IF_ERROR(PrintOut(json, Printed::kDocument));
    return CanStart(report) ? 0 : 1;
  }
  PlanStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  style.all = screen.all;
  TRANSECT_RETURN_IF_ERROR(
      PrintOut(RenderPlan(report, style), PrintedAs(context, screen.format)));
  return CanStart(report) ? 0 : 1;
}

}  // namespace transect
