/// \file
/// What of a store nothing needs any more. This module decides what is live;
/// nothing else of Transect removes anything that counts.
///
/// Live, and never garbage:
///   - results, the files that they list, weights, specs, evaluations, data;
///   - attempts whose results count, that gave a step to the series of their
///     training (metrics/training_series.h), or that are the last of their job;
///     the last failures of an unfinished job, by which it is given up
///     (launch/plan/equal_failures.h); checkpoints of an unfinished job;
///   - bundles of the present code, that a run or trained weights or a sweep
///     names, or that are younger than a day: their runs may be about to start;
///   - everything of a run that a kept file names (KeptIds).
/// So a report that the store has can be made again, byte by byte, whatever of
/// the list goes.
#ifndef TRANSECT_LAUNCH_UPKEEP_GARBAGE_H_
#define TRANSECT_LAUNCH_UPKEEP_GARBAGE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"
#include "launch/upkeep/upkeep.pb.h"

namespace transect {

struct GarbageOptions {
  /// The present code part; "" if unknown.
  std::string code;
  /// Starts of ids of runs that are kept whole (KeptIds).
  std::set<std::string> kept;
  /// Caches that nobody wrote for so many days are garbage; below 0: none.
  int cache_days = 90;
  /// Seconds since 1970.
  int64_t now = 0;
};

/// The words of `text`, such as a report or a list of ids, that may be the
/// start of an id: at least 8 hexadecimal digits in lower case.
std::set<std::string> KeptIds(absl::string_view text);

/// Lists the garbage of `store` and writes nothing. Jobs whose lease is held
/// are left out, with a note; so are attempts of a training whose metric logs
/// cannot be read.
GarbageList FindGarbage(const Store& store, const GarbageOptions& options);

/// Removes what `list` names and FindGarbage still finds, once the lease of its
/// job is taken, and returns what was removed. What is in use by then stays,
/// with a note. A crash leaves each job as it was or with less of the list.
GarbageList RemoveGarbage(const Store& store, const GarbageOptions& options,
                          const GarbageList& list);

/// The list for people: a line for each, with its size and why, paths relative
/// to the store; then the sum. Colors are the caller's.
std::string GarbageText(const GarbageList& list);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_GARBAGE_H_
