#include "launch/upkeep/install/install.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <cstdint>
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
#include "data/io/new_directory.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/program/needed_libraries.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kReadable = 0444;
constexpr uint32_t kExecutable = 0755;

std::string Parent(const std::string& path) {
  return fs::path(path).parent_path().string();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0
             ? absl::OkStatus()
             : absl::ErrnoToStatus(
                   errno, absl::StrCat("cannot rename ", from, " to ", to));
}

// Links are resolved.
absl::Status CopyTo(const std::string& source, const std::string& target,
                    uint32_t mode) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(Parent(target)));
  return CopyFile(source, target, mode);
}

// The same over what is there.
absl::Status ReplaceBy(const std::string& source, const std::string& target,
                       uint32_t mode) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(Parent(target)));
  const std::string temporary = TemporaryPath(target);
  const absl::Status copied = CopyFile(source, temporary, mode);
  const absl::Status renamed = copied.ok() ? Rename(temporary, target) : copied;
  if (!renamed.ok()) unlink(temporary.c_str());
  return renamed;
}

absl::Status CopyWorker(const BuiltWorker& worker, const std::string& root) {
  const auto copy = [&](const std::string& path, uint32_t mode) {
    return CopyTo(absl::StrCat(worker.root, "/", path),
                  absl::StrCat(root, "/", path), mode);
  };
  TRANSECT_RETURN_IF_ERROR(copy(worker.worker, kExecutable));
  for (const auto* paths : {&worker.modules, &worker.libraries}) {
    for (const std::string& path : *paths) {
      TRANSECT_RETURN_IF_ERROR(copy(path, kReadable));
    }
  }
  TRANSECT_RETURN_IF_ERROR(copy(std::string(kWorkerVersions), kReadable));
  TRANSECT_RETURN_IF_ERROR(copy(std::string(kWorkerLock), kReadable));
  TRANSECT_RETURN_IF_ERROR(MakeDirs(absl::StrCat(root, "/", kSystemLibraries)));
  for (const NeededLibrary& library : worker.system_libraries) {
    TRANSECT_RETURN_IF_ERROR(
        CopyTo(library.path,
               absl::StrCat(root, "/", SystemLibraryPath(library)), kReadable));
  }
  return absl::OkStatus();
}

// Raises `glibc` to what the program needs.
absl::Status CopyProgram(const std::string& program, const std::string& root,
                         std::string* glibc) {
  TRANSECT_RETURN_IF_ERROR(
      CopyTo(program, absl::StrCat(root, "/", kInstalledProgram), kExecutable));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<NeededLibrary> libraries,
                            ListNeededLibraries(program, glibc));
  for (const NeededLibrary& library : libraries) {
    if (BelongsToMachine(library.name)) continue;
    if (library.path.empty()) {
      return absl::NotFoundError(
          absl::StrCat(program, " needs ", library.name,
                       ", which is not installed on this machine"));
    }
    TRANSECT_RETURN_IF_ERROR(
        CopyTo(library.path,
               absl::StrCat(root, "/", kProgramLibraries, "/", library.name),
               kReadable));
  }
  return absl::OkStatus();
}

// Removes what killed installations left beside `root`.
void RemoveOld(const std::string& root) {
  const fs::path path = root;
  std::error_code error;
  for (const std::string& name : ListDirectory(path.parent_path().string())
                                     .value_or(std::vector<std::string>())) {
    if (absl::StartsWith(
            name, absl::StrCat(path.filename().string(), ".replaced."))) {
      fs::remove_all(path.parent_path() / name, error);
    }
  }
}

}  // namespace

absl::Status Install(const Installable& what, const std::string& prefix) {
  const std::string root = absl::StrCat(prefix, "/", kInstalledRoot);
  if (FileExists(root) &&
      !FileExists(absl::StrCat(root, "/", kInstalledGlibc))) {
    return absl::FailedPreconditionError(absl::StrCat(
        root,
        ": exists and is no installation of Transect; name another "
        "folder, or move it away"));
  }
  TRANSECT_RETURN_IF_ERROR(MakeDirs(Parent(root)));
  const std::string next = absl::StrCat(root, ".replaced.", RandomName());
  TRANSECT_RETURN_IF_ERROR(
      MakeNewDirectory(next, [&](const std::string& directory) -> absl::Status {
        std::string glibc = what.worker.glibc;
        TRANSECT_RETURN_IF_ERROR(CopyWorker(what.worker, directory));
        TRANSECT_RETURN_IF_ERROR(CopyProgram(what.program, directory, &glibc));
        return WriteFile(absl::StrCat(directory, "/", kInstalledGlibc),
                         absl::StrCat(glibc, "\n"));
      }));
  if (FileExists(root)) {
    TRANSECT_RETURN_IF_ERROR(
        Rename(root, absl::StrCat(root, ".replaced.", RandomName())));
  }
  TRANSECT_RETURN_IF_ERROR(Rename(next, root));
  for (const SharedFile& file : what.shared) {
    TRANSECT_RETURN_IF_ERROR(
        ReplaceBy(file.source, absl::StrCat(prefix, "/", file.place), 0644));
  }
  TRANSECT_RETURN_IF_ERROR(ReplaceBy(
      what.start, absl::StrCat(prefix, "/", kInstalledProgram), kExecutable));
  RemoveOld(root);
  return absl::OkStatus();
}

}  // namespace transect
