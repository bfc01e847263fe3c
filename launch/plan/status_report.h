/// \file
/// How far an experiment is, and its prices held against measurement: what
/// `transect status` prints.
///
/// A price is read from the launch.textproto of the attempt that made the
/// result. It was written before the attempt started, so the run's own
/// measurement is not in it.
#ifndef TRANSECT_LAUNCH_PLAN_STATUS_REPORT_H_
#define TRANSECT_LAUNCH_PLAN_STATUS_REPORT_H_

#include <string>

#include "launch/plan/plan.h"
#include "launch/plan/status_report.pb.h"

namespace transect {

/// Reads the launch plans of the done jobs of `plan`: of selected runs, and of
/// made inputs. One that cannot be read, or has no price, counts as unpriced.
StatusReport MakeStatusReport(const Plan& plan);

/// A line of counts, "tiny: 4 runs: 1 done, 3 new"; where prices are known, a
/// line that says of how many jobs, and a line each for hours, memory and GPU
/// memory: predicted, measured, their ratio, and the job that is furthest off.
/// Lines are cut to `width` columns; 0 for no limit.
std::string RenderStatus(const StatusReport& report, int width);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_STATUS_REPORT_H_
