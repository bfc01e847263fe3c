#include "launch/inputs/store_group.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace transect {

absl::Status ShareWithGroup(const std::string& root, const std::string& group) {
  if (group.empty()) return absl::OkStatus();
  const struct group* const entry = getgrnam(group.c_str());
  if (entry == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("group of the site file is '", group,
                     "', and there is none; `id` "
                     "names yours"));
  }
  constexpr mode_t kShared = S_ISGID | S_IRWXG;
  struct stat info = {};
  if (stat(root.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("store ", root));
  }
  if (info.st_gid == entry->gr_gid && (info.st_mode & kShared) == kShared) {
    return absl::OkStatus();
  }
  if (chown(root.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0 ||
      chmod(root.c_str(), (info.st_mode & 07777) | kShared) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("store ", root, " cannot be given to group ", group, ": ",
                     strerror(errno), "; its owner can, with chgrp ", group,
                     " and chmod g+rwxs, if in the group"));
  }
  return absl::OkStatus();
}

}  // namespace transect
