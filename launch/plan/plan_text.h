// A plan as people read it.
#ifndef TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_
#define TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.pb.h"

namespace transect {

// Above this many runs the screen shows cells instead.
inline constexpr int kMostRunsShown = 40;

struct PlanStyle {
  // Whether states are painted.
  bool color = false;
  // Columns of the terminal: longer lines are cut, sentences wrapped; 0 for no
  // limit.
  int width = 0;
  // Every run, however many there are.
  bool all = false;
};

// The plan as aligned text: the experiment; a line for each design with counts
// of its runs by state and hours; the inputs; the runs with number, state, id
// and hours, or the cells with counts where there are more than
// kMostRunsShown; what it costs and what that rests on; warnings; and a last
// line that sums up and names the next command.
std::string RenderPlan(const PlanReport& report, const PlanStyle& style);

// The report in proto3 JSON, indented, ended by a newline. Internal if Protobuf
// refuses.
absl::StatusOr<std::string> RenderPlanJson(const PlanReport& report);

// "2 new, 1 done": the states of the selected runs that occur.
std::string CountsText(const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PLAN_TEXT_H_
