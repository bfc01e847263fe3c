/// \file
/// How far an experiment is, and its prices held against measurement: what
/// `transect status` prints.
///
/// A price is read from the launch.textproto of the attempt that made the
/// result. It was written before the attempt started, so the run's own
/// measurement is not in it.
#ifndef TRANSECT_LAUNCH_WATCH_STATUS_REPORT_H_
#define TRANSECT_LAUNCH_WATCH_STATUS_REPORT_H_

#include "absl/types/span.h"
#include "launch/ledger/run_state.h"
#include "launch/listing/run_list.pb.h"
#include "launch/plan/plan.h"
#include "launch/watch/status_report.pb.h"

namespace transect {

/// The selected runs of `plan` and what they do, and its prices: reads the
/// launch plans of the done jobs, of selected runs and of made inputs. One that
/// cannot be read, or has no price, counts as unpriced. `states` as for
/// WatchPlan (watched_run.h).
StatusReport MakeStatusReport(const Plan& plan,
                              absl::Span<const RunStatus> states = {});

/// The runs of `listing` (ListRuns, launch/listing/run_list.h) and what they
/// do.
StatusReport MakeStoreStatus(const StoreListing& listing);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_STATUS_REPORT_H_
