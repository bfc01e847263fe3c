#include "launch/store/program/built_worker.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "launch/store/program/needed_libraries.h"
#include "launch/store/program/tree.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr char kWorkspace[] = "transect";
constexpr char kWorker[] = "launch/worker/transect_worker";
constexpr const char* kModules[] = {"data/text/libtransect_sentencepiece.so"};
constexpr absl::string_view kSharedLibraries = "_solib_";

// Root of the workspace's runfiles for a program, or empty. The tree of links
// is wanted, not a manifest's entries: the worker and its libraries must keep
// their places relative to each other.
std::string RunfilesRoot(const std::string& program) {
  const char* const test_runfiles = getenv("TEST_SRCDIR");
  for (const std::string& tree :
       {absl::StrCat(program, ".runfiles"),
        std::string(test_runfiles == nullptr ? "" : test_runfiles)}) {
    const std::string root = absl::StrCat(tree, "/", kWorkspace);
    if (!tree.empty() && FileExists(absl::StrCat(root, "/", kWorker))) {
      std::error_code error;
      return fs::absolute(root, error).string();
    }
  }
  return "";
}

// Root of the installation that this program is in, or empty.
std::string InstalledRoot() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  // bin/transect
  const std::string root = program.parent_path().parent_path().string();
  return !error && FileExists(absl::StrCat(root, "/", kInstalledGlibc)) &&
                 FileExists(absl::StrCat(root, "/", kWorker))
             ? root
             : "";
}

std::vector<std::string> ListLibraries(const std::string& root) {
  std::vector<std::string> libraries;
  std::error_code error;
  for (fs::directory_iterator top(root, error), end; !error && top != end;
       top.increment(error)) {
    if (absl::StartsWith(top->path().filename().string(), kSharedLibraries)) {
      for (std::string& name : FilesBelow(top->path(), root)) {
        libraries.push_back(std::move(name));
      }
    }
  }
  std::sort(libraries.begin(), libraries.end());
  return libraries;
}

// Adds what `file` of the build needs and the system provides to
// `built->system_libraries`, each name once. An installed worker has all of
// them already, wherever the loader would look on this machine.
absl::Status AddSystemLibraries(const std::string& file, bool installed,
                                BuiltWorker* built) {
  const absl::StatusOr<std::vector<NeededLibrary>> needed =
      ListNeededLibraries(absl::StrCat(built->root, "/", file), &built->glibc);
  if (!needed.ok()) return absl::NotFoundError(needed.status().message());
  const auto is_named = [](const std::string& name) {
    return [&name](const NeededLibrary& other) { return other.name == name; };
  };
  for (const NeededLibrary& library : *needed) {
    if (BelongsToMachine(library.name) ||
        std::ranges::any_of(built->libraries,
                            [&library](const std::string& path) {
                              return fs::path(path).filename() == library.name;
                            }) ||
        std::ranges::any_of(built->system_libraries, is_named(library.name))) {
      continue;
    }
    if (installed) {
      return absl::NotFoundError(absl::StrCat(
          "the installation in ", built->root, " has no ", library.name,
          ", which its ", file,
          " needs; install again: bazel run //:install -- PREFIX"));
    }
    if (library.path.empty()) {
      return absl::NotFoundError(absl::StrCat(
          "the worker's ", file, " needs ", library.name,
          ", which is neither beside it nor installed on this machine; "
          "third_party/README.md says where libraries come from"));
    }
    built->system_libraries.push_back(library);
  }
  return absl::OkStatus();
}

}  // namespace

std::string SystemLibraryPath(const NeededLibrary& library) {
  return absl::StrCat(kSystemLibraries, "/", library.name);
}

absl::StatusOr<BuiltWorker> FindWorker(const std::string& argv0) {
  BuiltWorker built;
  std::error_code error;
  built.root = RunfilesRoot(argv0);
  if (built.root.empty()) {
    // Started through PATH or a link.
    built.root =
        RunfilesRoot(fs::read_symlink("/proc/self/exe", error).string());
  }
  const bool installed = built.root.empty();
  if (installed) built.root = InstalledRoot();
  if (built.root.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no worker beside this program (", kWorker,
                     " in its runfiles or in its installation)"));
  }
  if (installed) {
    // Before the loader says the same in many lines.
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string glibc,
        ReadFile(absl::StrCat(built.root, "/", kInstalledGlibc)));
    TRANSECT_RETURN_IF_ERROR(
        CheckGlibc(absl::StripAsciiWhitespace(glibc),
                   absl::StrCat("the installation in ", built.root)));
    const std::string libraries =
        absl::StrCat(built.root, "/", kSystemLibraries);
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                              ListDirectory(libraries));
    for (const std::string& name : names) {
      built.system_libraries.push_back(
          {name, absl::StrCat(libraries, "/", name)});
    }
  }
  built.worker = kWorker;
  for (const char* const module : kModules) {
    if (!FileExists(absl::StrCat(built.root, "/", module))) {
      return absl::NotFoundError(absl::StrCat("the worker in ", built.root,
                                              " has no ", module,
                                              " beside it; build it again"));
    }
    built.modules.push_back(module);
  }
  built.libraries = ListLibraries(built.root);
  TRANSECT_RETURN_IF_ERROR(AddSystemLibraries(built.worker, installed, &built));
  for (const std::string& module : built.modules) {
    TRANSECT_RETURN_IF_ERROR(AddSystemLibraries(module, installed, &built));
  }
  std::ranges::sort(built.system_libraries, {}, &NeededLibrary::name);
  TRANSECT_ASSIGN_OR_RETURN(
      built.versions, ReadFile(absl::StrCat(built.root, "/", kWorkerVersions)));
  TRANSECT_ASSIGN_OR_RETURN(
      built.lock, Sha256OfFile(absl::StrCat(built.root, "/", kWorkerLock)));
  return built;
}

}  // namespace transect
