/// \file
/// The screen of `transect runs`.
#ifndef TRANSECT_LAUNCH_LISTING_RUN_LIST_TEXT_H_
#define TRANSECT_LAUNCH_LISTING_RUN_LIST_TEXT_H_

#include <string>

#include "launch/listing/run_list.pb.h"

namespace transect {

/// Runs that are shown, the youngest, unless all are asked for.
inline constexpr int kMostListedRuns = 50;

struct RunListStyle {
  bool color = false;
  /// Columns; 0 for no limit.
  int width = 0;
  bool all = false;
};

/// The store and the present code; a line for each experiment with its runs by
/// state and the date of the youngest; a line for each run with id, state,
/// date, gIoU in percent, code, experiment and name, and why it is not done; a
/// last line that counts what is shown and what is not. A run without a
/// recorded experiment has "-" for it.
std::string RenderRunList(const StoreListing& list, const RunListStyle& style);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LISTING_RUN_LIST_TEXT_H_
