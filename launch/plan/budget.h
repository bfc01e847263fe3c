// A budget of hours: which part of a plan it pays for.
//
// The part is a prefix in one declared order, so that stopping there leaves a
// table that can be published: the base first, then the cells in the order of
// designs and rows, each with all of its seeds and with the inputs that they
// need. A larger budget takes the same cells and perhaps more.
#ifndef TRANSECT_LAUNCH_PLAN_BUDGET_H_
#define TRANSECT_LAUNCH_PLAN_BUDGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"

namespace transect {

struct Budget {
  double amount = 0;
  HourUnit unit = HourUnit::kCpu;
};

// Reads "40gpuh", "2.5nodeh" or "8cpuh". InvalidArgument else.
absl::StatusOr<Budget> ParseBudget(absl::string_view text);

// What a budget pays for.
struct BudgetChoice {
  Budget budget;
  // Cells that are paid for, those that need nothing included, and all.
  int cells = 0;
  int all_cells = 0;
  // What they cost.
  Estimate hours;
  // Label of the first cell that is not paid for, and what it would cost on
  // top; empty if all are.
  std::string next_cell;
  Estimate next_hours;
};

// Leaves `wanted` only on the jobs that the budget pays for at the expected
// price. Cells of which nothing is wanted are free. InvalidArgument where the
// budget does not pay for the first cell, and then the message says what one
// seed of it costs and how to select it; or where it counts hours of a device
// that a wanted run does not use.
absl::StatusOr<BudgetChoice> ApplyBudget(const Budget& budget,
                                         absl::Span<const JobPrice> prices,
                                         Plan* plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_BUDGET_H_
