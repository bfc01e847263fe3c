// CheckResult of store.h: what result.textproto says about a job.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

namespace {

ResultCheck CheckOnce(absl::string_view job_dir, absl::string_view id,
                      absl::string_view code) {
  const std::string path = ResultPath(job_dir);
  ResultCheck check;
  const auto corrupt = [&](absl::string_view what) {
    check.state = ResultCheck::kCorrupt;
    check.problem = absl::StrCat(what, "; the job is blocked: restore ", path,
                                 ", or remove it to run the job again");
    return check;
  };
  absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) {
    return check;
  }
  if (!text.ok()) {
    return corrupt(text.status().message());
  }
  Result result;
  const absl::Status parsed = ParseTextproto(*text, path, &result);
  if (!parsed.ok()) {
    return corrupt(parsed.message());
  }
  if (result.id() != id) {
    return corrupt(absl::StrCat(path, ": is the result of '", result.id(),
                                "', not of ", id));
  }
  if (!code.empty() && result.code() != code) {
    return corrupt(absl::StrCat(path, ": was made by code '", result.code(),
                                "', not by ", code));
  }
  if (result.file().empty()) {
    return corrupt(absl::StrCat(path, ": lists no file"));
  }
  for (const ResultFile& file : result.file()) {
    const std::string output = absl::StrCat(job_dir, "/", file.path());
    struct stat info;
    if (stat(output.c_str(), &info) != 0) {
      if (errno == ENOENT && file.path() == kWeightsFile) {
        check.weights_gone = true;
        continue;
      }
      return corrupt(
          absl::StrCat(path, ": its file ", output, ": ", strerror(errno)));
    }
    if (S_ISREG(info.st_mode) && info.st_size != file.bytes()) {
      return corrupt(absl::StrCat(path, ": its file ", output, " has ",
                                  info.st_size, " bytes instead of ",
                                  file.bytes()));
    }
  }
  check.state = ResultCheck::kValid;
  check.result = std::move(result);
  return check;
}

// Whether the file was written in the last minutes, by this machine's clock.
bool IsYoung(const std::string& path) {
  constexpr int64_t kMinutes = 5 * 60;
  struct stat info;
  return stat(path.c_str(), &info) == 0 &&
         std::abs(int64_t{time(nullptr)} - int64_t{info.st_mtime}) < kMinutes;
}

// Makes the file system ask its server for the present state of the outputs:
// NFS remembers sizes and missing names for up to a minute, and asks where a
// file or directory is opened.
void AskServer(absl::string_view job_dir) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::directory_iterator entry(std::string(job_dir), error), end;
       !error && entry != end; entry.increment(error)) {
    const int file =
        open(entry->path().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0) close(file);
  }
}

}  // namespace

ResultCheck CheckResult(absl::string_view job_dir, absl::string_view id,
                        absl::string_view code) {
  constexpr std::chrono::milliseconds kLongestPause{160};
  for (std::chrono::milliseconds pause{10};; pause *= 2) {
    ResultCheck check = CheckOnce(job_dir, id, code);
    const bool whole =
        check.state != ResultCheck::kCorrupt && !check.weights_gone;
    if (whole || pause > kLongestPause || !IsYoung(ResultPath(job_dir))) {
      return check;
    }
    std::this_thread::sleep_for(pause);
    AskServer(job_dir);
  }
}

}  // namespace transect
