#include "launch/store/program/needed_libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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
  std::vector<std::string> words = {kLoader, file, "LD_TRACE_LOADED_OBJECTS=1",
                                    "LD_VERBOSE=1"};
  char* const arguments[] = {words[0].data(), words[1].data(), nullptr};
  char* const environment[] = {words[2].data(), words[3].data(), nullptr};
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

// The highest GLIBC_x.y in the second part of what the loader prints:
//
//     /path/of/libz.so.1:
//         libc.so.6 (GLIBC_2.14) => /lib/x86_64-linux-gnu/libc.so.6
//
// What glibc's own libraries ask of each other is left out.
std::string HighestGlibc(absl::string_view versions) {
  constexpr absl::string_view kSymbols = "(GLIBC_";
  std::string highest;
  bool counts = false;
  for (const absl::string_view line : absl::StrSplit(versions, '\n')) {
    const size_t symbols = line.find(kSymbols);
    if (absl::EndsWith(line, ":")) {
      const size_t slash = line.rfind('/');
      counts = slash == line.npos || !BelongsToMachine(line.substr(slash + 1));
    } else if (counts && symbols != line.npos) {
      absl::string_view version = line.substr(symbols + kSymbols.size());
      version = version.substr(0, version.find(')'));
      // GLIBC_PRIVATE, GLIBC_ABI_DT_RELR and their like are no versions.
      if (!version.empty() && absl::ascii_isdigit(version[0]) &&
          OlderVersion(highest, version)) {
        highest = std::string(version);
      }
    }
  }
  return highest;
}

std::vector<int64_t> NumbersOf(absl::string_view version) {
  std::vector<int64_t> numbers;
  for (const absl::string_view part : absl::StrSplit(version, '.')) {
    int64_t number = -1;
    if (!absl::SimpleAtoi(part, &number)) number = -1;
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

absl::StatusOr<std::vector<NeededLibrary>> ListNeededLibraries(
    const std::string& file, std::string* glibc) {
  constexpr absl::string_view kArrow = " => ";
  constexpr char kVersions[] = "Version information:";
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, AskLoader(file));
  const size_t end = std::min(text.find(kVersions), text.size());
  if (glibc != nullptr) {
    const std::string highest =
        HighestGlibc(absl::string_view(text).substr(end));
    if (OlderVersion(*glibc, highest)) *glibc = highest;
  }
  std::vector<NeededLibrary> libraries;
  for (absl::string_view line :
       absl::StrSplit(absl::string_view(text).substr(0, end), '\n')) {
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

bool OlderVersion(absl::string_view a, absl::string_view b) {
  return a.empty() ? !b.empty() : NumbersOf(a) < NumbersOf(b);
}

absl::Status CheckGlibc(absl::string_view needed, absl::string_view what) {
  const absl::string_view present = gnu_get_libc_version();
  if (!OlderVersion(present, needed)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      what, " needs glibc ", needed, " and this machine has ", present,
      "; use a machine with glibc ", needed,
      " or newer, install Transect where glibc is at most ", present,
      ", or run it in a container (tools/container/README.md)"));
}

}  // namespace transect
