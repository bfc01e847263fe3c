/// \file
/// Everything about one run on one page.
#ifndef TRANSECT_LAUNCH_WATCH_RUN_PAGE_H_
#define TRANSECT_LAUNCH_WATCH_RUN_PAGE_H_

#include <string>

#include "launch/store/store.h"
#include "launch/watch/run_page.pb.h"

namespace transect {

/// Reads what lies in the directory of `run`, which names it (WatchListing,
/// WatchPlan). What cannot be read stays absent. Writes nothing.
RunPage MakeRunPage(const Store& store, const WatchedRun& run);

struct RunPageStyle {
  bool color = false;
  /// Columns; 0 for no limit.
  int width = 0;
  /// Whether the whole spec is printed, or the command that prints it.
  bool spec = false;
  /// `transect` as people type it.
  std::string program;
};

/// The page for people: what it is and does, what happened, attempts, scores,
/// files, code and machine.
std::string RenderRunPage(const RunPage& page, const RunPageStyle& style);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_RUN_PAGE_H_
