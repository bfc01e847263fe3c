// Identities of found inputs: what is on this machine, by content.
//
// The identity of a found data set, and of a directory of weights, is the
// SHA-256 of a manifest with one line "<sha256 of the file>  <path relative to
// the root>" for each of its files in byte order of their paths; of a
// tokenizer, the SHA-256 of its file. A path is a name below the root, and a
// link counts as what it leads to: a root, a directory below it or a file may
// be a link, and the identity is that of a copy. Digests of files come from
// launch/store/digest_cache.h.
#ifndef TRANSECT_LAUNCH_INPUTS_FOUND_INPUT_H_
#define TRANSECT_LAUNCH_INPUTS_FOUND_INPUT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "experiments/identity/run_id.h"
#include "launch/store/store.h"

namespace transect {

// What there is at `path` as input of `kind`.
//
// A data set in the layout RRSISD must have the directories rrsisd/ and
// images/rrsisd/; all files below them belong to it and nothing else does. Of
// another layout (data/annotations/annotations.h) the directories of images and
// masks and the files of annotations belong to it, one of each at least. A
// tokenizer is a file. Weights are a directory (found_weights.h says which of
// its files count). NotFound names what is missing: the path itself, if there
// is nothing.
//
// Identity from the digests that the store knows; reads no content and writes
// nothing. Empty where a file is not hashed yet or differs from what was
// hashed.
absl::StatusOr<std::string> CachedIdentity(
    const Store& store, Input::Kind kind, const std::string& path,
    FoundDataset::Format format = FoundDataset::RRSISD);

// The same, hashing what is needed and remembering it in the store, manifest
// included. `progress` is called with bytes hashed and bytes to hash in all.
absl::StatusOr<std::string> ComputeIdentity(
    const Store& store, Input::Kind kind, const std::string& path,
    const std::function<void(int64_t done, int64_t total)>& progress,
    FoundDataset::Format format = FoundDataset::RRSISD);

// Whether what is at `path` still has the `identity` that ComputeIdentity gave.
// Every file is examined; those that look as they did when they were hashed
// (launch/store/digest_cache.h) are not read again. kDataLoss for other
// content; it names the first file that changed, is gone or is new if the store
// knows the manifest. Errors else as above.
absl::Status CheckFoundInput(
    const Store& store, Input::Kind kind, const std::string& path,
    const std::string& identity,
    FoundDataset::Format format = FoundDataset::RRSISD);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_FOUND_INPUT_H_
