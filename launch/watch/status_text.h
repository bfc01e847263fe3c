/// \file
/// The screen of `transect status`.
#ifndef TRANSECT_LAUNCH_WATCH_STATUS_TEXT_H_
#define TRANSECT_LAUNCH_WATCH_STATUS_TEXT_H_

#include <string>

#include "launch/watch/run_table.h"
#include "launch/watch/status_report.pb.h"

namespace transect {

/// A line of counts, "tiny: 4 runs: 1 done, 3 new"; the runs (RenderRunTable);
/// what is given up and what cannot start; where prices are known, a line that
/// says of how many jobs, and a line each for hours, memory and GPU memory:
/// predicted, measured, their ratio, and the job that is furthest off.
std::string RenderStatus(const StatusReport& report,
                         const RunTableStyle& style);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_STATUS_TEXT_H_
