#include "launch/store/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/io/textproto.h"
#include "launch/store/digest_cache.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"
#include "tools/build_info/build_info.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr char kWorkspace[] = "transect";
constexpr char kWorker[] = "launch/worker/transect_worker";
constexpr const char* kModules[] = {"data/text/libtransect_sentencepiece.so"};
constexpr char kVersions[] = "third_party/system/system_versions.txt";
constexpr char kLock[] = "third_party/libtorch/libtorch.lock";
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

std::vector<std::string> ListLibraries(const std::string& root) {
  std::vector<std::string> libraries;
  std::error_code error;
  for (const auto& top : fs::directory_iterator(root, error)) {
    if (!absl::StartsWith(top.path().filename().string(), kSharedLibraries)) {
      continue;
    }
    for (const auto& entry :
         fs::recursive_directory_iterator(top.path(), error)) {
      if (!entry.is_directory(error)) {
        libraries.push_back(entry.path().lexically_relative(root).string());
      }
    }
  }
  std::sort(libraries.begin(), libraries.end());
  return libraries;
}

absl::Status FromErrorCode(const std::error_code& error,
                           absl::string_view what) {
  return absl::ErrnoToStatus(error.value(), what);
}

absl::Status CopyFile(const std::string& source, const std::string& target) {
  std::error_code error;
  fs::copy_file(source, target, fs::copy_options::overwrite_existing, error);
  return error ? FromErrorCode(error, absl::StrCat("cannot copy ", source,
                                                   " to ", target))
               : absl::OkStatus();
}

// Puts `source` into the store's content-addressed part and returns where.
absl::StatusOr<std::string> AddContent(const Store& store,
                                       const std::string& source) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string sha256,
                            CachedSha256(store, source));
  const std::string content = store.ContentPath(sha256);
  if (FileExists(content)) {
    return content;
  }
  const std::string directory = fs::path(content).parent_path().string();
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  if (link(source.c_str(), content.c_str()) != 0) {
    const std::string temporary = absl::StrCat(content, ".tmp.", getpid());
    TRANSECT_RETURN_IF_ERROR(CopyFile(source, temporary));
    TRANSECT_RETURN_IF_ERROR(SyncFileSystem(temporary));
    if (rename(temporary.c_str(), content.c_str()) != 0) {
      return absl::ErrnoToStatus(errno,
                                 absl::StrCat("cannot rename to ", content));
    }
  }
  TRANSECT_RETURN_IF_ERROR(FsyncDir(directory));
  return content;
}

// What is built from our sources.
std::vector<std::string> Binaries(const BuiltWorker& built) {
  std::vector<std::string> binaries = {built.worker};
  binaries.insert(binaries.end(), built.modules.begin(), built.modules.end());
  return binaries;
}

absl::Status FillBundle(const BuiltWorker& built, const Store& store,
                        const std::string& directory) {
  for (const std::string& library : built.libraries) {
    std::error_code error;
    const std::string source =
        fs::canonical(absl::StrCat(built.root, "/", library), error).string();
    if (error) {
      return FromErrorCode(error, absl::StrCat(built.root, "/", library));
    }
    TRANSECT_ASSIGN_OR_RETURN(const std::string content,
                              AddContent(store, source));
    const std::string target = absl::StrCat(directory, "/", library);
    TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(target).parent_path().string()));
    if (link(content.c_str(), target.c_str()) != 0) {
      return absl::ErrnoToStatus(
          errno, absl::StrCat("cannot link ", content, " to ", target));
    }
  }
  for (const std::string& binary : Binaries(built)) {
    const std::string target = absl::StrCat(directory, "/", binary);
    TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(target).parent_path().string()));
    TRANSECT_RETURN_IF_ERROR(
        CopyFile(absl::StrCat(built.root, "/", binary), target));
    if (chmod(target.c_str(), 0755) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot chmod ", target));
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts, MakeCodeParts(built));
  return WriteTextprotoAtomic(CodePartsPath(directory), parts);
}

}  // namespace

absl::StatusOr<BuiltWorker> FindWorker(const std::string& argv0) {
  BuiltWorker built;
  std::error_code error;
  built.root = RunfilesRoot(argv0);
  if (built.root.empty()) {
    // Started through PATH or a link.
    built.root =
        RunfilesRoot(fs::read_symlink("/proc/self/exe", error).string());
  }
  if (built.root.empty()) {
    return absl::NotFoundError(absl::StrCat("no worker beside this program (",
                                            kWorker, " in its runfiles)"));
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
  TRANSECT_ASSIGN_OR_RETURN(built.versions,
                            ReadFile(absl::StrCat(built.root, "/", kVersions)));
  TRANSECT_ASSIGN_OR_RETURN(built.lock,
                            Sha256OfFile(absl::StrCat(built.root, "/", kLock)));
  return built;
}

absl::StatusOr<CodeParts> MakeCodeParts(const BuiltWorker& built) {
  CodeParts parts;
  for (const std::string& path : Binaries(built)) {
    CodeBinary* const binary = parts.add_binary();
    binary->set_path(path);
    TRANSECT_ASSIGN_OR_RETURN(
        *binary->mutable_sha256(),
        Sha256OfFile(absl::StrCat(built.root, "/", path)));
  }
  parts.set_libtorch_lock(built.lock);
  for (absl::string_view line : absl::StrSplit(built.versions, '\n')) {
    parts.add_version(std::string(line));
  }
  const BuildInfo build = GetBuildInfo();
  parts.set_commit(build.commit);
  parts.set_dirty(build.dirty);
  return parts;
}

std::string CodeDigest(const CodeParts& parts) {
  std::string binaries;
  for (const CodeBinary& binary : parts.binary()) {
    absl::StrAppend(&binaries, "binary ", binary.path(), " ", binary.sha256(),
                    "\n");
  }
  const std::string versions = absl::StrJoin(parts.version(), "\n");
  return Sha256(absl::StrCat("transect code 2\n", binaries, "libtorch ",
                             parts.libtorch_lock(), "\nversions ",
                             Sha256(versions), "\n"))
      .substr(0, 32);
}

absl::StatusOr<CodeParts> ReadCodeParts(const Store& store,
                                        absl::string_view code) {
  return ReadTextproto<CodeParts>(CodePartsPath(store.BundleDir(code)));
}

absl::StatusOr<std::string> InstallBundle(const BuiltWorker& built,
                                          absl::string_view code,
                                          const Store& store) {
  const std::string bundle = store.BundleDir(code);
  const std::string bundles = fs::path(bundle).parent_path().string();
  const std::string worker = absl::StrCat(bundle, "/", built.worker);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(bundles));
  absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(bundles);
  while (absl::IsUnavailable(lease.status())) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    lease = Lease::TryTake(bundles);
  }
  TRANSECT_RETURN_IF_ERROR(lease.status());
  if (!FileExists(bundle)) {
    TRANSECT_RETURN_IF_ERROR(RemoveUnfinished(bundle));
    TRANSECT_RETURN_IF_ERROR(
        MakeNewDirectory(bundle, [&](const std::string& directory) {
          return FillBundle(built, store, directory);
        }));
    return worker;
  }
  for (const std::string& binary : Binaries(built)) {
    const std::string installed = absl::StrCat(bundle, "/", binary);
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string expected,
        Sha256OfFile(absl::StrCat(built.root, "/", binary)));
    const absl::StatusOr<std::string> actual = Sha256OfFile(installed);
    if (!actual.ok() || *actual != expected) {
      return absl::DataLossError(
          absl::StrCat("bundle ", bundle, ": its file ", installed,
                       actual.ok() ? " differs from the one it was made from"
                                   : " cannot be read",
                       "; remove the bundle's directory, it is made again"));
    }
  }
  return worker;
}

}  // namespace transect
