/// \file
/// What a bundle would add to the store.
#ifndef TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_
#define TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "launch/store/bundle.h"
#include "launch/store/store.h"

namespace transect {

/// Bytes of the worker, its modules and its libraries that the store does not
/// have yet: 0 if it has the bundle `code`. A library counts once, however many
/// names it has, and not where an older bundle brought the same bytes; whether
/// one did is looked up in the digest cache, so nothing is read. Files that
/// cannot be examined count as nothing: making the bundle will name them.
int64_t BytesOfNewBundle(const BuiltWorker& built, absl::string_view code,
                         const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_
