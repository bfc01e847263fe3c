/// \file
/// Estimates for people.
#ifndef TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_
#define TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_

#include <string>

namespace transect {

/// A number of hours: "0.004", "0.03", "3.30", "12.5", "120"; "0" for 0.
std::string NumberText(double value);

/// "3.3 ± 0.4", or "3.3 (0.8 to 13)" where the interval is wide; "–" for 0.
std::string EstimateText(double low, double value, double high);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_
