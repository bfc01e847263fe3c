#include "launch/store/bundle_size.h"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "launch/store/bundle.h"
#include "launch/store/code.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

int64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(bytes);
}

}  // namespace

int64_t BytesOfNewBundle(const BuiltWorker& built, const CodeParts& parts,
                         const Store& store) {
  if (FileExists(store.BundleDir(CodeDigest(parts)))) return 0;
  int64_t bytes = 0;
  for (const CodeFile& binary : parts.binary()) {
    bytes += SizeOf(absl::StrCat(built.root, "/", binary.path()));
  }
  std::set<std::string> seen;
  for (const CodeFile& library : parts.library()) {
    if (!seen.insert(library.sha256()).second ||
        FileExists(store.ContentPath(library.sha256()))) {
      continue;
    }
    std::string source = absl::StrCat(built.root, "/", library.path());
    // The system's lie elsewhere than in the bundle.
    for (const NeededLibrary& needed : built.system_libraries) {
      if (library.path() == SystemLibraryPath(needed)) source = needed.path;
    }
    bytes += SizeOf(source);
  }
  return bytes;
}

}  // namespace transect
