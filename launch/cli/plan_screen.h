/// \file
/// What `transect plan` and `transect run --dry-run` print.
#ifndef TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_
#define TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/inputs/resources.h"
#include "launch/plan/budget.h"
#include "launch/plan/plan_report.pb.h"
#include "launch/plan/price.h"
#include "launch/store/throughput.h"

namespace transect {

/// Whether the worker can use GPUs at all: it is built with the same flags as
/// this program.
#ifdef TRANSECT_CUDA
inline constexpr bool kBuiltWithCuda = true;
#else
inline constexpr bool kBuiltWithCuda = false;
#endif

/// The prices of a plan's jobs, what a budget leaves of the plan, and whether
/// this machine has what that takes.
struct PricedPlan {
  Machine machine;
  Resources resources;
  std::vector<PlanDataUse> data_use;
  std::vector<JobPrice> prices;
  std::optional<BudgetChoice> budget;
  /// FindObstacles (launch/plan/schedule.h).
  std::vector<std::string> obstacles;
};

/// Prices the session's plan and lays the budget `text` over it ("" for none;
/// see ParseBudget). Of jobs that run on a cluster it is not known here what
/// they can have, so nothing that they take is an obstacle.
absl::StatusOr<PricedPlan> PricePlan(const std::string& text,
                                     ExperimentSession* session,
                                     bool on_cluster = false);

/// An error with all obstacles, a line for each, if there are any.
absl::Status CheckCanStart(const PricedPlan& priced);

/// What is printed, and the words that the next command repeats.
struct PlanScreen : ExperimentOptions {
  std::string budget;
  /// text or json.
  std::string format = "text";
  /// Every run, however many there are.
  bool all = false;
};

/// `transect run` of what the screen shows, as people type it.
std::string RunCommand(const CommandContext& context, const PlanScreen& screen);

/// Prices the session's plan as the budget says and prints it. Returns the exit
/// code: 0, or 1 where nothing can start.
absl::StatusOr<int> PrintPlan(const CommandContext& context,
                              const PlanScreen& screen,
                              ExperimentSession* session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_
