#include "launch/store/bundle_size.h"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/store/digest_cache.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

int64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(bytes);
}

}  // namespace

int64_t BytesOfNewBundle(const BuiltWorker& built, absl::string_view code,
                         const Store& store) {
  if (FileExists(store.BundleDir(code))) return 0;
  int64_t bytes = SizeOf(absl::StrCat(built.root, "/", built.worker));
  for (const std::string& module : built.modules) {
    bytes += SizeOf(absl::StrCat(built.root, "/", module));
  }
  std::set<std::string> seen;
  for (const std::string& library : built.libraries) {
    std::error_code error;
    const std::string file =
        fs::canonical(absl::StrCat(built.root, "/", library), error).string();
    if (error || !seen.insert(file).second) continue;
    const std::string sha256 = KnownSha256(store, file);
    if (sha256.empty() || !FileExists(store.ContentPath(sha256))) {
      bytes += SizeOf(file);
    }
  }
  return bytes;
}

}  // namespace transect
