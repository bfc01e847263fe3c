// Runs the entry function of a fuzz target over files: what makes its corpus a
// plain test. Arguments are files and directories; each file is copied to
// memory of exactly its size, so that a sanitizer sees a read beyond it.

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/io/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      paths.push_back(argv[i]);
      continue;
    }
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(argv[i])) {
      if (!entry.is_directory()) {
        paths.push_back(entry.path().string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    const absl::StatusOr<std::string> bytes = transect::ReadFile(path);
    if (!bytes.ok()) {
      std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
      return 1;
    }
    // Tells which file it was if the next line aborts.
    std::fprintf(stderr, "%s\n", path.c_str());
    const std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes->size()]);
    std::memcpy(copy.get(), bytes->data(), bytes->size());
    LLVMFuzzerTestOneInput(copy.get(), bytes->size());
  }
  std::printf("%zu files\n", paths.size());
  return paths.empty() ? 1 : 0;
}
