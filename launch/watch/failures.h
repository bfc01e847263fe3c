/// \file
/// What failed and why: of each job the first failure of its last attempts, and
/// equal causes together.
#ifndef TRANSECT_LAUNCH_WATCH_FAILURES_H_
#define TRANSECT_LAUNCH_WATCH_FAILURES_H_

#include <optional>
#include <string>
#include <vector>

#include "launch/store/result.pb.h"
#include "launch/watch/failures.pb.h"

namespace transect {

/// The first of the attempts of the job directory `dir` that failed one after
/// the other at the end; attempts that were stopped in between are passed over.
/// Nothing where the last one that was not stopped did not fail, or the job is
/// done. Fills in all but id, code, name and experiment where the attempt does
/// not say them.
std::optional<FailedJob> FirstFailure(const std::string& dir);

/// Puts jobs with equal causes (ComparableCause, launch/plan/equal_failures.h)
/// together, the most frequent last.
std::vector<FailureGroup> GroupFailures(std::vector<FailedJob> jobs);

/// What can be done about a failure that `outcome` says; "" where nothing is
/// known.
std::string WayOutOf(const Outcome& outcome);

struct FailureTextStyle {
  bool color = false;
  /// Columns; 0 for no limit.
  int width = 0;
  /// The command that starts what failed again.
  std::string again;
};

/// For each group its jobs, at most 20 of them, then log, way out and, last,
/// the cause; then a line with counts.
std::string RenderFailures(const FailureList& list,
                           const FailureTextStyle& style);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_FAILURES_H_
