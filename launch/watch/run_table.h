/// \file
/// The table of `transect status`: a line for each run, as wide as a terminal.
#ifndef TRANSECT_LAUNCH_WATCH_RUN_TABLE_H_
#define TRANSECT_LAUNCH_WATCH_RUN_TABLE_H_

#include <string>

#include "absl/types/span.h"
#include "launch/watch/watched_run.pb.h"

namespace transect {

/// Lines of single runs, unless all are asked for.
inline constexpr int kMostWatchedRows = 40;

struct RunTableStyle {
  bool color = false;
  /// Columns; 0 for no limit.
  int width = 0;
  /// Most lines of single runs; 0 for no limit.
  int rows = kMostWatchedRows;
};

/// A line for each run: state, run, step, loss, gIoU in percent, difference to
/// the base, time left, node, restarts, id, and what there is to say; columns
/// in which nothing stands are left out. Of more runs than `rows` those that
/// somebody works on or that went wrong are listed, and of all a line for each
/// cell, or each experiment where none was asked about, with its runs by state
/// and the mean of its results. "" without runs.
std::string RenderRunTable(absl::Span<const WatchedRun* const> runs,
                           const RunTableStyle& style);

/// "41.20"; in parentheses what a validation during the training found; "–"
/// where there is none.
std::string GiouText(const WatchedRun& run);

/// "120/300", "val 10/40"; "–" before anything is known.
std::string ActivityText(const WatchedRun& run);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_RUN_TABLE_H_
