/// \file
/// Directories of a store: the store itself, runs, their evaluations and
/// attempts, made inputs, bundles. They are known by their place.
#ifndef TRANSECT_LAUNCH_DESCRIBE_STORE_FOLDER_H_
#define TRANSECT_LAUNCH_DESCRIBE_STORE_FOLDER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "launch/store/store.h"

namespace transect {

/// The store that `path`, absolute and without links, is or lies in; nothing
/// where it lies in none. Looks at the directories above it.
std::optional<Store> StoreAround(const std::string& path);

/// What the directory is in `store`, in which it lies: of a run its state, what
/// it trained and scored, and how it is used. `path` is absolute and without
/// links, `shown` as it was typed. A directory of no kind of its own is said to
/// be a part of what it lies in.
absl::StatusOr<std::string> DescribeStoreFolder(const Store& store,
                                                const std::string& path,
                                                const std::string& shown,
                                                const std::string& program);

/// Whether the directory has the files of a job, wherever it lies.
bool IsJobDirectory(const std::string& path);

/// A made input, or a job directory that was taken out of its store: what it
/// made, with sizes.
std::string DescribeJobDirectory(const std::string& path,
                                 const std::string& shown,
                                 const std::string& program);

/// The run, evaluation or attempt whose directory is the innermost around
/// `path`, in a few words; "" where it lies in none.
std::string PartOfStore(const Store& store, const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_STORE_FOLDER_H_
