#include "data/io/new_directory.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"

namespace transect {

absl::Status MakeNewDirectory(
    const std::string& path,
    const std::function<absl::Status(const std::string& directory)>& fill) {
  if (FileExists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
  }
  std::error_code error;
  std::string final_path =
      std::filesystem::absolute(path, error).lexically_normal().string();
  if (final_path.size() > 1 && final_path.back() == '/') final_path.pop_back();
  const std::string making = absl::StrCat(final_path, ".making.", getpid());
  absl::Status status = MakeDirs(making);
  if (status.ok()) status = fill(making);
  if (status.ok()) status = SyncFileSystem(making);
  if (status.ok() && rename(making.c_str(), final_path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  if (!status.ok()) {
    std::filesystem::remove_all(making, error);
    return status;
  }
  return FsyncDir(std::filesystem::path(final_path).parent_path().string());
}

}  // namespace transect
