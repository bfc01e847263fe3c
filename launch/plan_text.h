// A plan as people read it.
#ifndef TRANSECT_LAUNCH_PLAN_TEXT_H_
#define TRANSECT_LAUNCH_PLAN_TEXT_H_

#include <string>

#include "launch/plan.h"

namespace transect {

// The plan as aligned text: a line for each design with counts of its runs by
// state, the inputs with found, made or to make, the runs with id and state,
// and a last line that sums up. With `color` states are painted.
std::string RenderPlan(const Plan& plan, bool color);

// "2 new, 1 done": the states of the runs that occur.
std::string CountsText(const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_TEXT_H_
