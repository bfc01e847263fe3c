#include "launch/cli/store_access.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace transect {
namespace {

constexpr char kReadersMay[] =
    "`transect plan`, `status`, `report` and `why` only read";

std::string UserName(uid_t user) {
  const passwd* const entry = getpwuid(user);
  return entry == nullptr ? absl::StrCat("user ", user) : entry->pw_name;
}

// `path` or the nearest directory above it that exists.
std::string NearestExisting(std::string path, struct stat* info) {
  while (path.size() > 1 && stat(path.c_str(), info) != 0) {
    const size_t slash = path.find_last_of('/');
    path = slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
  }
  return path;
}

}  // namespace

absl::Status CheckMayWrite(const std::string& root,
                           absl::Span<const std::string> paths) {
  for (const std::string& path : paths) {
    struct stat info = {};
    const std::string there = NearestExisting(path, &info);
    if (faccessat(AT_FDCWD, there.c_str(), W_OK | X_OK, AT_EACCESS) == 0) {
      continue;
    }
    const int error = errno;
    if (error == EROFS) {
      return absl::FailedPreconditionError(
          absl::StrCat("store ", root,
                       ": its file system is mounted read-only, so nothing "
                       "can be run in it; name another one with --store. ",
                       kReadersMay));
    }
    if (error == EACCES || error == EPERM) {
      const std::string owner = UserName(info.st_uid);
      return absl::PermissionDeniedError(absl::StrCat(
          "store ", root, ": ", there, " belongs to ", owner, ", and ",
          UserName(geteuid()), " may not write to it; ask ", owner,
          " for the right, or name a store of your own with --store. ",
          kReadersMay));
    }
    return absl::ErrnoToStatus(error,
                               absl::StrCat("store ", root, ": ", there));
  }
  return absl::OkStatus();
}

}  // namespace transect
