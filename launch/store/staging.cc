#include "launch/store/staging.h"

#include <errno.h>
#include <stdio.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// One rename, so that a publishing rank succeeds before it or fails after it.
absl::Status TakeAway(const std::string& staging) {
  const std::string away = absl::StrCat(staging, ".away");
  std::error_code error;
  std::filesystem::remove_all(away, error);
  if (rename(staging.c_str(), away.c_str()) != 0) {
    return errno == ENOENT
               ? absl::OkStatus()
               : absl::ErrnoToStatus(errno,
                                     absl::StrCat("cannot rename ", staging));
  }
  std::filesystem::remove_all(away, error);
  return absl::OkStatus();
}

}  // namespace

absl::Status BeginStaging(absl::string_view job_dir, int attempt) {
  RemoveTemporaryFiles(std::string(job_dir), 0);
  for (const int earlier : Attempts(job_dir)) {
    if (earlier >= attempt) continue;
    const std::string dir = AttemptDir(job_dir, earlier);
    TRANSECT_RETURN_IF_ERROR(TakeAway(StagingDir(dir)));
    RemoveTemporaryFiles(dir, 0);
  }
  return MakeDirs(StagingDir(AttemptDir(job_dir, attempt)));
}

void RemoveLeftovers(const Store& store) {
  constexpr int64_t kDay = 24 * 60 * 60;
  const std::string reports =
      std::filesystem::path(store.ReportPath("any")).parent_path().string();
  for (const std::string& directory :
       {store.root(), reports, store.ThroughputDir(), store.DigestCacheDir()}) {
    RemoveTemporaryFiles(directory, kDay);
  }
}

void EndStaging(absl::string_view attempt_dir) {
  std::error_code error;
  std::filesystem::remove_all(StagingDir(attempt_dir), error);
}

}  // namespace transect
