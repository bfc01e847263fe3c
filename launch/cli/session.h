// What the verbs have in common: from the command line's flags to store, site,
// code and plan.
#ifndef TRANSECT_LAUNCH_CLI_SESSION_H_
#define TRANSECT_LAUNCH_CLI_SESSION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/experiment.pb.h"
#include "launch/cli/commands.h"
#include "launch/cli/report_input.h"
#include "launch/inputs/site.h"
#include "launch/plan/budget.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/store/bundle.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"

namespace transect {

struct Session {
  SiteFile site;
  Store store;
  // The worker beside this program, or why there is none.
  absl::StatusOr<BuiltWorker> worker;
  // Its code part; empty where there is no worker.
  std::string code;
  Experiment experiment;
  // As in CommandContext.
  std::vector<std::string> accepted_codes;
  // What its `report` shows besides the runs.
  std::vector<ShownPublished> published;
};

// Reads the experiment, lays --set over its base and checks it. Needs neither
// store nor worker.
absl::StatusOr<Experiment> LoadChecked(const CommandContext& context,
                                       const std::string& spec);

// Reads the experiment, the site file and the worker; writes nothing.
absl::StatusOr<Session> OpenSession(const CommandContext& context,
                                    const std::string& spec);

// The plan of the selected runs, without hashing anything.
absl::StatusOr<Plan> PlanWithoutHashing(
    const Session& session, const std::vector<std::string>& selectors);

// Words that belong to every command about the same runs: --store, --site,
// --set, --accept_code.
std::vector<std::string> CommonFlags(const CommandContext& context);

// The prices of the plan's jobs, and what the budget `text` ("" for none; see
// ParseBudget) leaves of the plan.
struct PricedPlan {
  Machine machine;
  std::vector<JobPrice> prices;
  std::optional<BudgetChoice> budget;
};
absl::StatusOr<PricedPlan> PricePlan(const Session& session,
                                     const std::string& budget, Plan* plan);

// The command `verb` on the same experiment, store and site, as people type it.
std::string CommandText(const CommandContext& context, absl::string_view verb,
                        const std::string& spec);

// Prints the plan as `options` says.
absl::Status PrintPlan(const CommandContext& context, const Session& session,
                       const PlanOptions& options, const PricedPlan& priced,
                       const Plan& plan);

// Whether what goes to `descriptor` is painted.
bool UseColor(const CommandContext& context, int descriptor);

// Columns of the terminal behind `descriptor`; 0 where there is none.
int TerminalWidth(int descriptor);

// Writes `text` to stdout; an error where it cannot be written whole.
absl::Status PrintOut(absl::string_view text);

// Writes `text` to stderr.
void Tell(absl::string_view text);

// The experiment's report: text, md or json (ReportOptions::format), and the
// exit code 2 where runs that are done cannot be read (those are told).
struct RenderedReport {
  std::string text;
  std::string markdown;
  std::string json;
  int exit_code = 0;
};
absl::StatusOr<RenderedReport> MakeReport(const CommandContext& context,
                                          const Session& session,
                                          const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_SESSION_H_
