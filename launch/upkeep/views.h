/// \file
/// Links by which people find the runs of an experiment in its store:
///
///     ROOT/views/EXPERIMENT/DESIGN/CELL/seed=N -> the run's directory
///
/// They are of a moment and can be removed and made again at any time; nothing
/// reads them. Links are relative, so they hold where the store is moved.
#ifndef TRANSECT_LAUNCH_UPKEEP_VIEWS_H_
#define TRANSECT_LAUNCH_UPKEEP_VIEWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {

/// A run as it is shown.
struct ViewedRun {
  std::string design;
  /// Label of its row.
  std::string cell;
  /// "seed=1".
  std::string seed;
  /// Its directory in the store, which exists.
  std::string dir;
};

/// `text` as a name of a file: what cannot stand in one, or acts on a terminal,
/// is replaced by "_"; at most 120 bytes.
std::string ViewName(absl::string_view text);

/// Replaces the view of `experiment` by `runs` and returns its directory. Of
/// two runs with one place the first is shown.
absl::StatusOr<std::string> MakeView(const Store& store,
                                     absl::string_view experiment,
                                     const std::vector<ViewedRun>& runs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_VIEWS_H_
