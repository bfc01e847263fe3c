// From a plan and its prices to the one message that the screen and
// `--format json` show.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "launch/plan/budget.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.pb.h"
#include "launch/plan/price.h"
#include "launch/store/throughput.h"

namespace transect {

// What a plan does not know about itself.
struct PlanFrame {
  // File as it was named.
  std::string spec;
  // Root of the store.
  std::string store;
  // The commands that would execute it and show its results.
  std::string run_command;
  std::string report_command;
  Machine machine;
  // FindDataUse of the plan.
  std::vector<PlanDataUse> data_use;
  // What ApplyBudget left of the plan.
  std::optional<BudgetChoice> budget;
};

// Builds the report of `plan`, of `experiment`; `prices` by index of the job. A
// pure function.
PlanReport BuildPlanReport(const Plan& plan, const Experiment& experiment,
                           absl::Span<const JobPrice> prices,
                           const PlanFrame& frame);

// PlanTests of `seeds` seeds.
PlanTests SmallestP(int seeds);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_
