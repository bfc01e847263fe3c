/// \file
/// A plan for people: the screen of `transect plan` and of a dry run.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_

#include <string>

#include "launch/plan/plan.h"
#include "launch/plan/plan_report.pb.h"

namespace transect {

/// Above this many runs the screen shows cells instead.
inline constexpr int kMostRunsShown = 40;

struct PlanStyle {
  /// Whether states are colored.
  bool color = false;
  /// Columns of the terminal: longer lines of tables are cut, sentences are
  /// wrapped. 0 for no limit.
  int width = 0;
  /// Shows every run, however many there are.
  bool all = false;
};

/// The plan as aligned text: the experiment; a line for each design with the
/// number of its runs in each state and their hours; the inputs; the runs with
/// number, state, id and hours, or the cells with counts if there are more than
/// kMostRunsShown runs; what becomes of defective records; the cost and what
/// the estimate is based on; warnings; and a last line that sums up and names
/// the next command.
std::string RenderPlan(const PlanReport& report, const PlanStyle& style);

/// "1 done, 2 new": the states of the selected runs that occur.
std::string CountsText(const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_
