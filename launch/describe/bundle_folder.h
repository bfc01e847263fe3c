/// \file
/// A folder of a store that holds a worker and its libraries.
#ifndef TRANSECT_LAUNCH_DESCRIBE_BUNDLE_FOLDER_H_
#define TRANSECT_LAUNCH_DESCRIBE_BUNDLE_FOLDER_H_

#include <filesystem>
#include <string>

#include "launch/store/store.h"

namespace transect {

/// What the bundle at `path` is of `store`, and which runs use it. \param shown
/// the path as the user gave it.
std::string DescribeBundle(const Store& store,
                           const std::filesystem::path& path,
                           const std::string& shown);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_BUNDLE_FOLDER_H_
