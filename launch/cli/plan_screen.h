/// \file
/// What `transect plan` and `transect run --dry_run` print.
#ifndef TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_
#define TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/plan/budget.h"
#include "launch/plan/price.h"
#include "launch/store/throughput.h"

namespace transect {

/// The prices of a plan's jobs, and what a budget leaves of the plan.
struct PricedPlan {
  Machine machine;
  std::vector<JobPrice> prices;
  std::optional<BudgetChoice> budget;
};

/// Prices the session's plan and lays the budget `text` over it ("" for none;
/// see ParseBudget).
absl::StatusOr<PricedPlan> PricePlan(const std::string& text,
                                     ExperimentSession* session);

/// What is printed, and the words that the next command repeats.
struct PlanScreen : ExperimentOptions {
  std::string budget;
  /// text or json.
  std::string format = "text";
  /// Every run, however many there are.
  bool all = false;
};

/// Prices the session's plan as the budget says and prints it. Returns the exit
/// code: 0, or 1 where an input cannot be used, so that nothing can start.
absl::StatusOr<int> PrintPlan(const CommandContext& context,
                              const PlanScreen& screen,
                              ExperimentSession* session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_PLAN_SCREEN_H_
