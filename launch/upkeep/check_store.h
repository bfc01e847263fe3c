/// \file
/// Whether everything in a store is what it was when it was made: every digest
/// that the store has is computed again.
///
/// Checked are
///   - results: that they parse, are of their directory's job, and that each
///     file which they list has its size and SHA-256; of a made data set every
///     file of its list;
///   - specs and launch plans of finished runs: that they have the run's id;
///   - metric logs of all attempts: the CRC of each record. A torn tail is no
///     damage: the writer died (metrics/log_reader.h);
///   - bundles: every file against code.textproto, and that against its name;
///   - contents: that the SHA-256 of each is its name.
/// Not checked are checkpoints, which hold a digest of themselves that a
/// training checks when it goes on from one, and caches.
#ifndef TRANSECT_LAUNCH_UPKEEP_CHECK_STORE_H_
#define TRANSECT_LAUNCH_UPKEEP_CHECK_STORE_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "launch/store/store.h"
#include "launch/upkeep/upkeep.pb.h"

namespace transect {

/// Reads every byte of `store` that counts, and writes nothing. `progress` is
/// called with what was checked and what is to be checked in all.
StoreCheck CheckStore(const Store& store,
                      const std::function<void(int done, int total)>& progress);

/// The check for people: a line for each problem, then what was checked.
std::string StoreCheckText(const StoreCheck& check);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_CHECK_STORE_H_
