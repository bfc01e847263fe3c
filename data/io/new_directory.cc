#include "data/io/new_directory.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kMaking = ".making.";

// Absolute, without a slash at its end.
std::filesystem::path FinalPath(const std::string& path) {
  std::error_code error;
  std::filesystem::path final_path =
      std::filesystem::absolute(path, error).lexically_normal();
  return final_path.has_filename() ? final_path : final_path.parent_path();
}

}  // namespace

absl::Status MakeNewDirectory(
    const std::string& path,
    const std::function<absl::Status(const std::string& directory)>& fill) {
  if (FileExists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
  }
  const std::filesystem::path final_path = FinalPath(path);
  const std::string making =
      absl::StrCat(final_path.string(), kMaking, RandomName());
  absl::Status status = MakeDirs(making);
  if (status.ok()) status = fill(making);
  if (status.ok()) status = SyncFileSystem(making);
  if (status.ok()) status = RenameNew(making, final_path.string());
  if (!status.ok()) {
    std::error_code error;
    std::filesystem::remove_all(making, error);
  }
  return status;
}

absl::Status RemoveUnfinished(const std::string& path) {
  const std::filesystem::path final_path = FinalPath(path);
  const std::string start =
      absl::StrCat(final_path.filename().string(), kMaking);
  const std::filesystem::path parent = final_path.parent_path();
  if (!FileExists(parent.string())) {
    return absl::OkStatus();
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            ListDirectory(parent.string()));
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, start)) continue;
    std::error_code error;
    std::filesystem::remove_all(parent / name, error);
    if (error) {
      return absl::ErrnoToStatus(
          error.value(),
          absl::StrCat("cannot remove ", (parent / name).string()));
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
