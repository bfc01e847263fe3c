#include "launch/upkeep/views.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string ViewName(absl::string_view text) {
  constexpr size_t kMostBytes = 120;
  constexpr absl::string_view kAllowed = "=+-.,_ ";
  std::string name;
  for (const char c : text.substr(0, kMostBytes)) {
    const bool allowed =
        absl::ascii_isalnum(c) || kAllowed.find(c) != kAllowed.npos;
    name.push_back(allowed ? (c == ' ' ? ',' : c) : '_');
  }
  return name.empty() || name[0] == '.' ? absl::StrCat("_", name) : name;
}

absl::StatusOr<std::string> MakeView(const Store& store,
                                     absl::string_view experiment,
                                     const std::vector<ViewedRun>& runs) {
  const std::string view = store.ViewDir(ViewName(experiment));
  const std::string next = absl::StrCat(view, ".next.", RandomName());
  TRANSECT_RETURN_IF_ERROR(
      MakeNewDirectory(next, [&](const std::string& directory) -> absl::Status {
        for (const ViewedRun& run : runs) {
          const fs::path place = fs::path(ViewName(run.design)) /
                                 ViewName(run.cell) / ViewName(run.seed);
          const fs::path link = fs::path(directory) / place;
          TRANSECT_RETURN_IF_ERROR(MakeDirs(link.parent_path().string()));
          // As seen from where the link will be.
          const fs::path target = fs::path(run.dir).lexically_relative(
              (fs::path(view) / place).parent_path());
          if (symlink(target.c_str(), link.c_str()) != 0 && errno != EEXIST) {
            return absl::ErrnoToStatus(
                errno, absl::StrCat("cannot make the link ", link.string()));
          }
        }
        return absl::OkStatus();
      }));
  std::error_code error;
  fs::remove_all(view, error);
  if (rename(next.c_str(), view.c_str()) != 0) {
    const absl::Status status =
        absl::ErrnoToStatus(errno, absl::StrCat("cannot replace ", view));
    fs::remove_all(next, error);
    return status;
  }
  return view;
}

}  // namespace transect
