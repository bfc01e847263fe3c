#include "launch/store/program/tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

namespace transect {

namespace fs = std::filesystem;

std::vector<std::string> FilesBelow(const std::string& directory,
                                    const std::string& root) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->symlink_status(ignored).type() != fs::file_type::directory) {
      files.push_back(entry->path().lexically_relative(root).string());
    }
  }
  std::ranges::sort(files);
  return files;
}

int64_t BytesBelow(const std::string& path, bool shared) {
  constexpr int64_t kBlock = 512;
  const auto bytes_of = [shared](const std::string& file) -> int64_t {
    struct stat info;
    if (lstat(file.c_str(), &info) != 0) return 0;
    return S_ISREG(info.st_mode) && info.st_nlink > 1 && !shared
               ? 0
               : info.st_blocks * kBlock;
  };
  std::error_code error;
  int64_t bytes = bytes_of(path);
  for (const std::string& name : FilesBelow(path, path)) {
    bytes += bytes_of(absl::StrCat(path, "/", name));
  }
  return bytes;
}

}  // namespace transect
