// From a plan and its prices to the one message that the screen and
// `--format json` show.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "launch/inputs/resources.h"
#include "launch/plan/budget.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.pb.h"
#include "launch/plan/price.h"

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
  // What jobs here may take together.
  Resources resources;
  // FindObstacles of the plan.
  std::vector<std::string> obstacles;
  // What the first job adds to the store besides (launch/store/bundle_size.h).
  int64_t bundle_bytes = 0;
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

// The state of a job as a message has it.
PlanState::Value ToPlanState(JobState state);

// Whether there is no obstacle; otherwise nothing can start.
bool CanStart(const PlanReport& report);

// PlanTests of `seeds` seeds.
PlanTests SmallestP(int seeds);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_REPORT_H_
