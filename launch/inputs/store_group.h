/// \file
/// Stores that a group of users shares (`group` of the site file).
#ifndef TRANSECT_LAUNCH_INPUTS_STORE_GROUP_H_
#define TRANSECT_LAUNCH_INPUTS_STORE_GROUP_H_

#include <string>

#include "absl/status/status.h"

namespace transect {

/// Gives the directory `root` to the group, so that what is made in it belongs
/// to the group too; how files get their modes is the umask of the process,
/// 0002. Nothing happens for an empty `group`, or if it is so already.
/// kInvalidArgument for a group that does not exist; kPermissionDenied, with
/// the way out, for one that this user is not in or a directory of somebody
/// else.
absl::Status ShareWithGroup(const std::string& root, const std::string& group);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_STORE_GROUP_H_
