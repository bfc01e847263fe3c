#include "launch/store/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>
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
#include "launch/store/program/built_worker.h"
#include "launch/store/program/needed_libraries.h"
#include "launch/store/program/tree.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// Time for another launcher to copy a worker and its libraries.
constexpr std::chrono::minutes kLongestInstallation{20};

absl::Status FromErrorCode(const std::error_code& error,
                           absl::string_view what) {
  return absl::ErrnoToStatus(error.value(), what);
}

// A file of the build or the system, and its place in the bundle.
struct Source {
  std::string path;
  std::string source;
};

// What is built from our sources.
std::vector<Source> Binaries(const BuiltWorker& built) {
  std::vector<std::string> paths = {built.worker};
  paths.insert(paths.end(), built.modules.begin(), built.modules.end());
  std::vector<Source> binaries;
  for (const std::string& path : paths) {
    binaries.push_back({path, absl::StrCat(built.root, "/", path)});
  }
  return binaries;
}

// The libraries, sorted by place, with links resolved.
absl::StatusOr<std::vector<Source>> Libraries(const BuiltWorker& built) {
  std::vector<Source> libraries;
  for (const std::string& path : built.libraries) {
    libraries.push_back({path, absl::StrCat(built.root, "/", path)});
  }
  for (const NeededLibrary& library : built.system_libraries) {
    libraries.push_back({SystemLibraryPath(library), library.path});
  }
  for (Source& library : libraries) {
    std::error_code error;
    const fs::path canonical = fs::canonical(library.source, error);
    if (error) return FromErrorCode(error, library.source);
    library.source = canonical.string();
  }
  std::ranges::sort(libraries, {}, &Source::path);
  return libraries;
}

// Remembers the digests of libraries outside of the store; the names of its
// files are paths without the slash at their beginning.
DigestCache SourceCache(const Store& store, const BuiltWorker& built) {
  return DigestCache(store, absl::StrCat("libraries\n", built.root));
}

DigestCache BundleCache(const Store& store, absl::string_view code) {
  return DigestCache(store, absl::StrCat("bundle\n", ShownCode(code)));
}

absl::StatusOr<std::vector<FileDigest>> DescribeSources(
    const std::vector<Source>& sources) {
  std::vector<FileDigest> files;
  for (const Source& source : sources) {
    TRANSECT_ASSIGN_OR_RETURN(
        FileDigest file, DescribeFile(source.source, source.source.substr(1)));
    files.push_back(std::move(file));
  }
  return files;
}

// All files of a bundle, in the order of its code part.
std::vector<CodeFile> FilesOf(const CodeParts& parts) {
  std::vector<CodeFile> files(parts.binary().begin(), parts.binary().end());
  files.insert(files.end(), parts.library().begin(), parts.library().end());
  return files;
}

// Copies `source`, and checks that the copy has the digest `sha256`.
absl::Status CopyExactly(const std::string& source, absl::string_view sha256,
                         uint32_t mode, const std::string& target) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(target).parent_path().string()));
  TRANSECT_RETURN_IF_ERROR(CopyFile(source, target, mode));
  TRANSECT_ASSIGN_OR_RETURN(const std::string copied, Sha256OfFile(target));
  return copied == sha256
             ? absl::OkStatus()
             : absl::AbortedError(absl::StrCat(
                   source,
                   " changed while it was copied into the store; try "
                   "again when the build is complete"));
}

// Puts `source` into the store's content-addressed part and returns where.
// Content that was damaged there is replaced. A crash may leave it incomplete,
// which the next bundle notices, so nothing is synced here.
absl::StatusOr<std::string> AddContent(const Store& store,
                                       const std::string& source,
                                       const std::string& sha256) {
  const std::string content = store.ContentPath(sha256);
  if (const absl::StatusOr<std::string> present = Sha256OfFile(content);
      present.ok() && *present == sha256) {
    return content;
  }
  // The caller holds the lease of all bundles: other copies are of dead ones.
  RemoveTemporaryFiles(fs::path(content).parent_path().string(), 0);
  const std::string temporary = TemporaryPath(content);
  TRANSECT_RETURN_IF_ERROR(CopyExactly(source, sha256, 0444, temporary));
  if (rename(temporary.c_str(), content.c_str()) != 0) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot rename to ", content));
  }
  return content;
}

absl::Status FillBundle(const BuiltWorker& built, const CodeParts& parts,
                        const Store& store, const std::string& directory) {
  const std::vector<Source> binaries = Binaries(built);
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<Source> libraries,
                            Libraries(built));
  for (size_t i = 0; i < libraries.size(); ++i) {
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string content,
        AddContent(store, libraries[i].source, parts.library(i).sha256()));
    const std::string target = absl::StrCat(directory, "/", libraries[i].path);
    TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(target).parent_path().string()));
    TRANSECT_RETURN_IF_ERROR(LinkOrCopy(content, target, 0444));
  }
  for (size_t i = 0; i < binaries.size(); ++i) {
    TRANSECT_RETURN_IF_ERROR(
        CopyExactly(binaries[i].source, parts.binary(i).sha256(), 0755,
                    absl::StrCat(directory, "/", binaries[i].path)));
  }
  return WriteTextprotoAtomic(CodePartsPath(directory), parts);
}

// Fills the digest cache, so that the next command reads no library of the
// build again. Writes only what the cache does not know.
absl::Status RememberSources(const BuiltWorker& built, const Store& store) {
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<Source> libraries,
                            Libraries(built));
  TRANSECT_ASSIGN_OR_RETURN(std::vector<FileDigest> sources,
                            DescribeSources(libraries));
  return SourceCache(store, built)
      .Compute(
          "", [](int64_t, int64_t) {}, &sources);
}

}  // namespace

absl::StatusOr<CodeParts> MakeCodeParts(const BuiltWorker& built,
                                        const Store& store) {
  CodeParts parts;
  for (const Source& binary : Binaries(built)) {
    CodeFile* const file = parts.add_binary();
    file->set_path(binary.path);
    TRANSECT_ASSIGN_OR_RETURN(*file->mutable_sha256(),
                              Sha256OfFile(binary.source));
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<Source> libraries,
                            Libraries(built));
  TRANSECT_ASSIGN_OR_RETURN(std::vector<FileDigest> described,
                            DescribeSources(libraries));
  SourceCache(store, built).Fill(&described);
  for (size_t i = 0; i < libraries.size(); ++i) {
    CodeFile* const file = parts.add_library();
    file->set_path(libraries[i].path);
    file->set_sha256(described[i].sha256());
    if (file->sha256().empty()) {
      TRANSECT_ASSIGN_OR_RETURN(*file->mutable_sha256(),
                                Sha256OfFile(libraries[i].source));
    }
  }
  parts.set_libtorch_lock(built.lock);
  if (!built.glibc.empty()) parts.set_glibc(built.glibc);
  for (absl::string_view line : absl::StrSplit(built.versions, '\n')) {
    parts.add_version(std::string(line));
  }
  return parts;
}

std::string CodeDigest(const CodeParts& parts) {
  std::string text = "transect code 3\n";
  for (const CodeFile& binary : parts.binary()) {
    absl::StrAppend(&text, "binary ", binary.path(), " ", binary.sha256(),
                    "\n");
  }
  for (const CodeFile& library : parts.library()) {
    absl::StrAppend(&text, "library ", library.path(), " ", library.sha256(),
                    "\n");
  }
  const std::string versions = absl::StrJoin(parts.version(), "\n");
  absl::StrAppend(&text, "libtorch ", parts.libtorch_lock(), "\nversions ",
                  Sha256(versions), "\n");
  return Sha256(text).substr(0, 32);
}

absl::StatusOr<CodeParts> ReadCodeParts(const Store& store,
                                        absl::string_view code) {
  return ReadTextproto<CodeParts>(CodePartsPath(store.BundleDir(code)));
}

absl::Status CheckBundle(const Store& store, absl::string_view code) {
  constexpr char kRemove[] =
      "; remove the bundle's directory, then the Transect that made it makes "
      "it again";
  const std::string bundle = store.BundleDir(code);
  TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts, ReadCodeParts(store, code));
  TRANSECT_RETURN_IF_ERROR(
      CheckGlibc(parts.glibc(), absl::StrCat("bundle ", bundle)));
  if (parts.library().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("bundle ", bundle,
                     " was made by a Transect that did not record its "
                     "libraries, so what it computes is not known"));
  }
  if (ShownCode(CodeDigest(parts)) != ShownCode(code)) {
    return absl::DataLossError(absl::StrCat("bundle ", bundle,
                                            ": its name is not the digest of ",
                                            CodePartsPath(bundle), kRemove));
  }
  const std::vector<CodeFile> expected = FilesOf(parts);
  std::set<std::string> known = {
      fs::path(CodePartsPath(bundle)).filename().string()};
  for (const CodeFile& file : expected) known.insert(file.path());
  // The loader would take a library that is there and not listed.
  for (const std::string& name : FilesBelow(bundle, bundle)) {
    if (known.count(name) == 0) {
      return absl::DataLossError(absl::StrCat("bundle ", bundle, ": its file ",
                                              name,
                                              " is no part of it; remove it"));
    }
  }
  std::vector<FileDigest> files;
  for (const CodeFile& file : expected) {
    const std::string path = absl::StrCat(bundle, "/", file.path());
    absl::StatusOr<FileDigest> described = DescribeFile(path, file.path());
    if (!described.ok()) {
      return absl::DataLossError(absl::StrCat(
          "bundle ", bundle, ": its file ", path, " cannot be read", kRemove));
    }
    files.push_back(*std::move(described));
  }
  const absl::Status computed =
      BundleCache(store, code)
          .Compute(
              bundle, [](int64_t, int64_t) {}, &files);
  for (size_t i = 0; i < files.size(); ++i) {
    // Digests that are known and only could not be remembered do.
    if (files[i].sha256().empty()) return computed;
    if (files[i].sha256() != expected[i].sha256()) {
      return absl::DataLossError(absl::StrCat(
          "bundle ", bundle, ": its file ", bundle, "/", files[i].path(),
          " differs from the one it was made from", kRemove));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> InstallBundle(const BuiltWorker& built,
                                          const CodeParts& parts,
                                          const Store& store) {
  const std::string code = CodeDigest(parts);
  const std::string bundle = store.BundleDir(code);
  const std::string bundles = fs::path(bundle).parent_path().string();
  TRANSECT_RETURN_IF_ERROR(MakeDirs(bundles));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Lease> lease,
                            Lease::Take(bundles, kLongestInstallation));
  if (FileExists(bundle)) {
    TRANSECT_RETURN_IF_ERROR(CheckBundle(store, code));
  } else {
    TRANSECT_RETURN_IF_ERROR(RemoveUnfinished(bundle));
    TRANSECT_RETURN_IF_ERROR(
        MakeNewDirectory(bundle, [&](const std::string& directory) {
          return FillBundle(built, parts, store, directory);
        }));
    // Reads the copies once more and remembers them.
    TRANSECT_RETURN_IF_ERROR(CheckBundle(store, code));
  }
  TRANSECT_RETURN_IF_ERROR(RememberSources(built, store));
  const std::string worker = absl::StrCat(bundle, "/", built.worker);
  if (access(worker.c_str(), X_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("store ", store.root(), ": its file system does not let ",
                     worker, " be executed (", strerror(errno),
                     "); name a directory elsewhere with --store"));
  }
  return worker;
}

}  // namespace transect
