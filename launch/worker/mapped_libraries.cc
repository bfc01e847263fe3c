#include "launch/worker/mapped_libraries.h"

#include <link.h>

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/code.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// The directory that the program's path in a bundle, launch/worker/NAME, is
// relative to.
std::string RootOfProgram() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error)
      .parent_path()
      .parent_path()
      .parent_path()
      .string();
}

// Also true of one file by two names, and of a path whose file was removed.
bool SameFile(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) ||
         fs::path(a).lexically_normal() == fs::path(b).lexically_normal();
}

}  // namespace

std::vector<std::string> MappedLibraries() {
  std::vector<std::string> paths;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* to) {
        // The program has no name.
        if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
          static_cast<std::vector<std::string>*>(to)->push_back(
              info->dlpi_name);
        }
        return 0;
      },
      &paths);
  return paths;
}

absl::Status CheckMappedLibraries(const std::string& bundle,
                                  const CodeParts& parts,
                                  const std::vector<std::string>& mapped) {
  std::map<std::string, std::string> own;
  for (const auto* files : {&parts.binary(), &parts.library()}) {
    for (const CodeFile& file : *files) {
      own[fs::path(file.path()).filename().string()] =
          absl::StrCat(bundle, "/", file.path());
    }
  }
  for (const std::string& path : mapped) {
    const auto found = own.find(fs::path(path).filename().string());
    if (found != own.end() && !SameFile(path, found->second)) {
      return absl::InternalError(
          absl::StrCat("the library ", found->first, " was mapped from ", path,
                       ", not from the bundle (", found->second,
                       "), so its numbers would not be those of code ",
                       fs::path(bundle).filename().string(),
                       "; is LD_PRELOAD or LD_AUDIT set?"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOwnLibraries() {
  const std::string bundle = RootOfProgram();
  const std::string path = CodePartsPath(bundle);
  if (!FileExists(path)) {
    return absl::OkStatus();
  }
  const absl::StatusOr<CodeParts> parts = ReadTextproto<CodeParts>(path);
  if (!parts.ok()) {
    return MarkExitCode(absl::DataLossError(parts.status().message()),
                        ExitCode::INPUT_OUTPUT);
  }
  return CheckMappedLibraries(bundle, *parts, MappedLibraries());
}

}  // namespace transect
