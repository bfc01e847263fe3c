/// \file
/// What a store holds, whatever experiment asked for it: what `transect runs`
/// prints. Reads and writes nothing; states are derived from files each time.
///
/// A run belongs to the experiment for which its last attempt was started, as
/// the attempt's provenance says. A run that several experiments share is
/// listed once, and attempts older than that record name none.
#ifndef TRANSECT_LAUNCH_LISTING_RUN_LIST_H_
#define TRANSECT_LAUNCH_LISTING_RUN_LIST_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "launch/listing/run_list.pb.h"
#include "launch/store/store.h"

namespace transect {

/// All runs of `store`, the youngest first. `code` is the present code part, ""
/// if unknown. What cannot be read of a run stays absent.
///
/// Reads some small files of each run, on several threads; metric logs only of
/// evaluations whose results are older than the mean IoU in them.
StoreListing ListRuns(const Store& store, absl::string_view code);

/// "done", "older_scheme", ...: as selectors take it.
std::string ListedStateName(ListedState::Value state);

/// "2026-11-30 14:05" in the time zone of this machine; "–" for 0.
std::string DateText(int64_t unix_us);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LISTING_RUN_LIST_H_
