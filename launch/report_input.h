// From a plan to the input of analysis/aggregate.h: which directories hold the
// runs that count, and why the others do not.
#ifndef TRANSECT_LAUNCH_REPORT_INPUT_H_
#define TRANSECT_LAUNCH_REPORT_INPUT_H_

#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "launch/plan.h"

namespace transect {

struct LoadedReport {
  ReportInput input;
  // Runs that are done by their result and whose logs cannot be read, one line
  // each that names the run and the file. They count as missing.
  std::vector<std::string> problems;
};

// Loads every run of `plan` whose state is kDone once. Runs in another state
// are in the input with the reason why they have no scores; so are runs done
// under another code: they never count silently.
LoadedReport LoadReport(const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_REPORT_INPUT_H_
