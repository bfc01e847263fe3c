#include "launch/inputs/found_input.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/annotations/annotations.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "experiments/identity/run_id.h"
#include "launch/inputs/found_weights.h"
#include "launch/inputs/manifest.h"
#include "launch/store/digest_cache.h"
#include "launch/store/digest_cache.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kManifestHeader = "transect manifest 1\n";

// Regular files below `root`/`directory`, described, with paths relative to
// `root`.
absl::Status ListDirectory(const std::string& root,
                           const std::string& directory,
                           std::vector<FileDigest>* files) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path top = fs::path(root) / directory;
  fs::recursive_directory_iterator entry(
      top, fs::directory_options::follow_directory_symlink, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("data set root ", root, ": directory ", top.string(), ": ",
                     error.message(),
                     " (RRSIS-D's layout has rrsisd/ and images/rrsisd/; data "
                     "in another layout are read with data.found.format, or "
                     "--format-of-data, such as JSONL)"));
  }
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_directory(error)) {
      // By the names below the root, wherever links lead.
      const fs::path& path = entry->path();
      TRANSECT_ASSIGN_OR_RETURN(
          FileDigest file,
          DescribeFile(path.string(), path.lexically_relative(root).string()));
      files->push_back(std::move(file));
    }
  }
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot list ", top.string(), ": ", error.message()));
  }
  return absl::OkStatus();
}

// The files of a data set in another layout than RRSISD.
absl::Status ListLayout(const std::string& root, FoundDataset::Format format,
                        std::vector<FileDigest>* files) {
  bool file_seen = false;
  for (const std::string& part : AnnotationPaths(format, root)) {
    const std::string path = absl::StrCat(root, "/", part);
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      TRANSECT_RETURN_IF_ERROR(ListDirectory(root, part, files));
    } else if (FileExists(path)) {
      TRANSECT_ASSIGN_OR_RETURN(FileDigest file, DescribeFile(path, part));
      files->push_back(std::move(file));
      file_seen = true;
    }
  }
  if (!file_seen) {
    return absl::NotFoundError(absl::StrCat("data set root ", root,
                                            ": no annotations in the layout ",
                                            FoundDataset::Format_Name(format)));
  }
  return absl::OkStatus();
}

// The files of an input, sorted by path. `root` becomes what paths are
// relative to.
absl::StatusOr<std::vector<FileDigest>> ListFiles(Input::Kind kind,
                                                  const std::string& path,
                                                  FoundDataset::Format format,
                                                  std::string* root) {
  std::error_code error;
  if (std::filesystem::status(path, error).type() ==
      std::filesystem::file_type::not_found) {
    return absl::NotFoundError(absl::StrCat(path, " does not exist"));
  }
  std::vector<FileDigest> files;
  if (kind == Input::Kind::kData) {
    *root = path;
    if (format == FoundDataset::RRSISD) {
      TRANSECT_RETURN_IF_ERROR(ListDirectory(path, "rrsisd", &files));
      TRANSECT_RETURN_IF_ERROR(ListDirectory(path, "images/rrsisd", &files));
    } else {
      TRANSECT_RETURN_IF_ERROR(ListLayout(path, format, &files));
    }
  } else if (kind == Input::Kind::kWeights) {
    *root = path;
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                              FoundWeightFiles(path));
    for (const std::string& name : names) {
      TRANSECT_ASSIGN_OR_RETURN(
          FileDigest file, DescribeFile(absl::StrCat(path, "/", name), name));
      files.push_back(std::move(file));
    }
  } else {
    const std::filesystem::path file(path);
    *root = file.parent_path().string();
    TRANSECT_ASSIGN_OR_RETURN(FileDigest described,
                              DescribeFile(path, file.filename().string()));
    files.push_back(std::move(described));
  }
  std::ranges::sort(files, {}, &FileDigest::path);
  // A file of a directory that is also named itself.
  const auto again = std::ranges::unique(files, {}, &FileDigest::path);
  files.erase(again.begin(), again.end());
  return files;
}

DigestCache CacheOf(const Store& store, Input::Kind kind,
                    const std::string& path, FoundDataset::Format format) {
  return DigestCache(store,
                     absl::StrCat(FoundKey(kind, "", format), "\n", path));
}

// What the identity is a digest of; empty where the digest of a file is
// missing.
std::string ManifestOf(const std::vector<FileDigest>& files) {
  std::string manifest(kManifestHeader);
  for (const FileDigest& file : files) {
    if (file.sha256().empty()) return "";
    AppendManifestLine(file.sha256(), file.path(), &manifest);
  }
  return manifest;
}

// The files of an input with all digests.
absl::StatusOr<std::vector<FileDigest>> HashFiles(
    const Store& store, Input::Kind kind, const std::string& path,
    const std::function<void(int64_t done, int64_t total)>& progress,
    FoundDataset::Format format) {
  std::string root;
  TRANSECT_ASSIGN_OR_RETURN(std::vector<FileDigest> files,
                            ListFiles(kind, path, format, &root));
  TRANSECT_RETURN_IF_ERROR(
      CacheOf(store, kind, path, format).Compute(root, progress, &files));
  return files;
}

// The identity of hashed files.
std::string Identity(Input::Kind kind, const std::vector<FileDigest>& files) {
  return kind == Input::Kind::kTokenizer ? files[0].sha256()
                                         : Sha256(ManifestOf(files));
}

// Keeps the manifest under its digest, which is the identity, so that what
// changed later can be named.
absl::Status KeepManifest(const Store& store, const std::string& identity,
                          absl::string_view manifest) {
  const std::string path = store.ContentPath(identity);
  if (FileExists(path)) return absl::OkStatus();
  TRANSECT_RETURN_IF_ERROR(
      MakeDirs(std::filesystem::path(path).parent_path().string()));
  return WriteFileAtomic(path, manifest);
}

// The files of a manifest.
absl::StatusOr<std::vector<ManifestLine>> FilesOf(absl::string_view manifest) {
  if (!absl::ConsumePrefix(&manifest, kManifestHeader)) {
    return absl::DataLossError("is not a manifest");
  }
  return ParseManifest(manifest, "manifest");
}

// What became of the files, as far as the store knows what they were.
std::string WhatChanged(const Store& store, const std::string& then,
                        const std::vector<FileDigest>& files) {
  const absl::StatusOr<std::string> kept = ReadFile(store.ContentPath(then));
  if (!kept.ok() || Sha256(*kept) != then) return "";
  const auto before = FilesOf(*kept);
  const auto now = FilesOf(ManifestOf(files));
  if (!before.ok() || !now.ok()) return "";
  return absl::StrCat(": ", DescribeChange(*before, *now));
}

}  // namespace

absl::StatusOr<std::string> CachedIdentity(const Store& store, Input::Kind kind,
                                           const std::string& path,
                                           FoundDataset::Format format) {
  std::string root;
  TRANSECT_ASSIGN_OR_RETURN(std::vector<FileDigest> files,
                            ListFiles(kind, path, format, &root));
  CacheOf(store, kind, path, format).Fill(&files);
  return ManifestOf(files).empty() ? "" : Identity(kind, files);
}

absl::StatusOr<std::string> ComputeIdentity(
    const Store& store, Input::Kind kind, const std::string& path,
    const std::function<void(int64_t done, int64_t total)>& progress,
    FoundDataset::Format format) {
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<FileDigest> files,
                            HashFiles(store, kind, path, progress, format));
  std::string identity = Identity(kind, files);
  if (kind != Input::Kind::kTokenizer) {
    TRANSECT_RETURN_IF_ERROR(KeepManifest(store, identity, ManifestOf(files)));
  }
  return identity;
}

absl::Status CheckFoundInput(const Store& store, Input::Kind kind,
                             const std::string& path,
                             const std::string& identity,
                             FoundDataset::Format format) {
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<FileDigest> files,
      HashFiles(
          store, kind, path, [](int64_t, int64_t) {}, format));
  const std::string now = Identity(kind, files);
  if (now == identity) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the ", KindName(kind), " found at ", path,
      " changed after it was hashed for the id of the run",
      WhatChanged(store, identity, files), "; its content is now ", now,
      ", the run's is ", identity,
      "; restore it, or plan and run again, which gives runs of other ids"));
}

}  // namespace transect
