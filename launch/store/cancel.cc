#include "launch/store/cancel.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/cancel.pb.h"
#include "launch/store/store.h"

namespace transect {

absl::Status RequestCancel(absl::string_view job_dir) {
  if (FileExists(CancelPath(job_dir))) return absl::OkStatus();
  CancelRequest request;
  char host[256] = "";
  if (gethostname(host, sizeof(host) - 1) == 0) request.set_host(host);
  if (const char* user = getenv("USER"); user != nullptr) {
    request.set_user(user);
  }
  request.set_unix_us(absl::ToUnixMicros(absl::Now()));
  if (absl::Status made = MakeDirs(std::string(job_dir)); !made.ok()) {
    return made;
  }
  return WriteTextprotoAtomic(CancelPath(job_dir), request);
}

absl::Status WithdrawCancel(absl::string_view job_dir) {
  const std::string path = CancelPath(job_dir);
  if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(
      errno, absl::StrCat("cannot take back the request to stop in ", path));
}

std::string CancelText(absl::string_view job_dir) {
  const std::string path = CancelPath(job_dir);
  if (!FileExists(path)) return "";
  const absl::StatusOr<CancelRequest> request =
      ReadTextproto<CancelRequest>(path);
  std::string text = "cancelled";
  if (!request.ok()) return text;
  if (!request->user().empty()) {
    absl::StrAppend(&text, " by ", request->user());
  }
  if (!request->host().empty()) {
    absl::StrAppend(&text, " on ", request->host());
  }
  if (request->unix_us() > 0) {
    absl::StrAppend(&text, " at ",
                    absl::FormatTime("%Y-%m-%d %H:%M",
                                     absl::FromUnixMicros(request->unix_us()),
                                     absl::LocalTimeZone()));
  }
  return text;
}

}  // namespace transect
