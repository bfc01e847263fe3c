/// \file
/// What a bundle would add to the store.
#ifndef TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_
#define TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_

#include <cstdint>

#include "launch/store/bundle.h"
#include "launch/store/store.h"

namespace transect {

/// Bytes that the bundle of `parts`, which MakeCodeParts made of `built`, would
/// add to the store: 0 if it is there. A library counts once, however many
/// names it has, and not where another bundle brought the same bytes. Files
/// that cannot be examined count as nothing: making the bundle will name them.
int64_t BytesOfNewBundle(const BuiltWorker& built, const CodeParts& parts,
                         const Store& store);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_BUNDLE_SIZE_H_
