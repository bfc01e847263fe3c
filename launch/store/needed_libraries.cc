#include "launch/store/needed_libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Fixed by the x86-64 ABI: every program names it.
constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";

std::string ReadToEnd(int descriptor) {
  std::string text;
  char buffer[16384];
  ssize_t got;
  while ((got = read(descriptor, buffer, sizeof(buffer))) != 0) {
    if (got > 0) {
      text.append(buffer, got);
    } else if (errno != EINTR) {
      break;
    }
  }
  return text;
}

// What the loader prints about `file`, standard error included.
absl::StatusOr<std::string> AskLoader(const std::string& file) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<std::string> words = {kLoader, "--list", file};
  char* const arguments[] = {words[0].data(), words[1].data(), words[2].data(),
                             nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, kLoader, &actions, nullptr, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  const std::string text = error == 0 ? ReadToEnd(ends[0]) : "";
  close(ends[0]);
  if (error != 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", kLoader));
  }
  int how = 0;
  while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the loader refuses ", file, ": ", absl::StripAsciiWhitespace(text)));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<NeededLibrary>> ListNeededLibraries(
    const std::string& file) {
  constexpr absl::string_view kArrow = " => ";
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, AskLoader(file));
  std::vector<NeededLibrary> libraries;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    const size_t arrow = line.find(kArrow);
    if (arrow == absl::string_view::npos) continue;
    NeededLibrary library;
    library.name = std::string(line.substr(0, arrow));
    absl::string_view path = line.substr(arrow + kArrow.size());
    // "PATH (0xADDRESS)" or "not found".
    if (absl::StartsWith(path, "/")) {
      library.path = std::string(path.substr(0, path.rfind(" (0x")));
    }
    libraries.push_back(library);
  }
  return libraries;
}

bool BelongsToMachine(absl::string_view name) {
  for (const absl::string_view prefix :
       {"ld-linux", "libBrokenLocale.so.", "libanl.so.", "libc.so.",
        "libc_malloc_debug.so.", "libdl.so.", "libm.so.", "libmvec.so.",
        "libnss_compat.so.", "libnss_dns.so.", "libnss_files.so.",
        "libpthread.so.", "libresolv.so.", "librt.so.", "libthread_db.so.",
        "libutil.so.", "libcuda.so.", "libcudadebugger.so.", "libnvidia-"}) {
    if (absl::StartsWith(name, prefix)) return true;
  }
  return false;
}

}  // namespace transect
