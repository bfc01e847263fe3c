#include "data/index_cache.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/annotations.h"
#include "data/index_build.h"
#include "data/io/crc32c.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kMagic = "TRSCTIDX";
constexpr size_t kHeaderBytes = 12;

std::string Absolute(const std::string& root) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(root, error);
  return error ? root : path.lexically_normal().string();
}

std::string CachePath(const std::string& cache_dir, FoundDataset::Format format,
                      const std::string& root, absl::string_view split) {
  return absl::StrCat(cache_dir, "/",
                      Sha256(absl::StrCat(FoundDataset::Format_Name(format),
                                          "\n", Absolute(root)))
                          .substr(0, 32),
                      ".", split, ".index");
}

std::string LittleEndian(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i)));
  }
  return bytes;
}

}  // namespace

std::string IndexCacheDir() {
  if (const char* cache = getenv("XDG_CACHE_HOME");
      cache != nullptr && *cache == '/') {
    return absl::StrCat(cache, "/transect/index");
  }
  const char* home = getenv("HOME");
  return home == nullptr || *home != '/'
             ? ""
             : absl::StrCat(home, "/.cache/transect/index");
}

std::string IndexKey(FoundDataset::Format format, const std::string& root) {
  std::string key =
      absl::StrCat("index ", kIndexVersion, " ",
                   FoundDataset::Format_Name(format), " ", Absolute(root));
  for (const std::string& path : AnnotationPaths(format, root)) {
    struct stat info;
    absl::StrAppend(&key, "\n", path);
    if (stat(absl::StrCat(root, "/", path).c_str(), &info) == 0) {
      absl::StrAppend(&key, " ", info.st_ino, " ", info.st_size, " ",
                      info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
    }
  }
  return key;
}

absl::StatusOr<IndexedSplit> ReadCachedSplit(const std::string& cache_dir,
                                             FoundDataset::Format format,
                                             const std::string& root,
                                             absl::string_view split,
                                             absl::string_view key) {
  const std::string path = CachePath(cache_dir, format, root, split);
  const absl::StatusOr<std::string> contents = ReadFile(path);
  TRANSECT_RETURN_IF_ERROR(contents.status());
  const absl::string_view bytes = *contents;
  const auto damaged = [&] {
    return absl::DataLossError(absl::StrCat(path, " is damaged"));
  };
  if (bytes.size() < kHeaderBytes || !absl::StartsWith(bytes, kMagic)) {
    return damaged();
  }
  const absl::string_view body = bytes.substr(kHeaderBytes);
  if (bytes.substr(kMagic.size(), 4) != LittleEndian(Crc32c(body))) {
    return damaged();
  }
  IndexedSplit index;
  if (!index.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return damaged();
  }
  if (index.key() != std::string(key)) {
    return absl::NotFoundError(absl::StrCat(path, " is out of date"));
  }
  return index;
}

std::array<IndexedSplit, kSplitNames.size()> SplitIndex(Annotations all,
                                                        absl::string_view key,
                                                        bool images_decoded) {
  std::array<IndexedSplit, kSplitNames.size()> splits;
  const int64_t records = all.records();
  for (size_t i = 0; i < splits.size(); ++i) {
    splits[i].set_key(std::string(key));
    splits[i].set_images_decoded(images_decoded);
    splits[i].set_records_in_all(records);
    splits[i].mutable_record()->Reserve(static_cast<int>(all.split[i].size()));
    for (IndexedRecord& record : all.split[i]) {
      *splits[i].add_record() = std::move(record);
    }
    all.split[i] = {};
  }
  return splits;
}

absl::Status WriteCachedSplit(const std::string& cache_dir,
                              FoundDataset::Format format,
                              const std::string& root, absl::string_view split,
                              const IndexedSplit& index) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(cache_dir));
  const std::string body = index.SerializeAsString();
  return WriteFileAtomic(
      CachePath(cache_dir, format, root, split),
      absl::StrCat(kMagic, LittleEndian(Crc32c(body)), body));
}

}  // namespace transect
