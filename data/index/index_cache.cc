#include "data/index/index_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotations.h"
#include "data/index/record_files.h"
#include "data/io/crc32c.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kMagic = "TRSCTIDX";
constexpr size_t kHeaderBytes = 16;

static_assert(std::endian::native == std::endian::little);

std::string Absolute(const std::string& root) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(root, error);
  return error ? root : path.lexically_normal().string();
}

// What an index depends on besides the files.
std::string Origin(const FoundDataset& spec, const std::string& root) {
  std::string origin = absl::StrCat(FoundDataset::Format_Name(spec.format()),
                                    "\n", Absolute(root));
  if (spec.ignored_label() != 0) {
    absl::StrAppend(&origin, "\nignored ", spec.ignored_label());
  }
  if (spec.sentence_field() != FoundDataset::SENT) {
    absl::StrAppend(&origin, "\nsentence ",
                    FoundDataset::SentenceField_Name(spec.sentence_field()));
  }
  return origin;
}

std::string CachePath(const std::string& cache_dir, const FoundDataset& spec,
                      const std::string& root, absl::string_view split) {
  return absl::StrCat(cache_dir, "/", Sha256(Origin(spec, root)).substr(0, 32),
                      ".", split, ".index");
}

void SetNumber(uint32_t value, size_t offset, std::string* bytes) {
  std::memcpy(&(*bytes)[offset], &value, sizeof(value));
}

uint32_t Number(absl::string_view bytes, size_t offset) {
  uint32_t value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

// A file in memory, unmapped when the last view is gone.
absl::StatusOr<std::shared_ptr<const absl::string_view>> MapFile(
    const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) {
    return std::make_shared<const absl::string_view>();
  }
  void* const data =
      mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
  if (data == MAP_FAILED) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot map ", path));
  }
  return std::shared_ptr<const absl::string_view>(
      new absl::string_view(static_cast<const char*>(data), size),
      [data, size](const absl::string_view* view) {
        munmap(data, size);
        delete view;
      });
}

// Moves the run lengths of a record or object to the end of `file`.
template <typename Owner>
void TakeRuns(Owner* owner, std::string* file, int64_t* count) {
  owner->set_first_run(*count);
  owner->set_run_count(owner->runs_size());
  file->append(reinterpret_cast<const char*>(owner->runs().data()),
               sizeof(uint32_t) * owner->runs_size());
  *count += owner->runs_size();
  owner->clear_runs();
}

template <typename Owner>
void GiveBackRuns(const uint32_t* runs, Owner* owner) {
  owner->mutable_runs()->Add(runs + owner->first_run(),
                             runs + owner->first_run() + owner->run_count());
  owner->clear_first_run();
  owner->clear_run_count();
}

// Whether the run lengths of a record or object lie in `runs` and fill its
// mask, as all that reads an Rle takes for granted.
template <typename Owner>
bool HasMask(const Owner& owner, absl::Span<const uint32_t> runs) {
  const auto count = static_cast<int64_t>(runs.size());
  if (owner.mask_height() < 0 || owner.mask_width() < 0 ||
      owner.runs_size() > 0 || owner.first_run() < 0 || owner.run_count() < 0 ||
      owner.run_count() > count ||
      owner.first_run() > count - owner.run_count()) {
    return false;
  }
  const auto mask = runs.subspan(owner.first_run(), owner.run_count());
  const int64_t pixels = int64_t{owner.mask_height()} * owner.mask_width();
  return pixels <= kMaxMaskPixels &&
         std::accumulate(mask.begin(), mask.end(), int64_t{0}) == pixels;
}

template <typename Owner>
Rle MaskIn(const Owner& owner, absl::Span<const uint32_t> runs,
           const std::shared_ptr<const void>& keep) {
  Rle mask{owner.mask_height(), owner.mask_width(), {}};
  mask.runs =
      keep == nullptr
          ? RunList(owner.runs().begin(), owner.runs().end())
          : RunList::View(runs.subspan(owner.first_run(), owner.run_count()),
                          keep);
  return mask;
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

std::string IndexKey(const FoundDataset& spec, const std::string& root) {
  std::string key =
      absl::StrCat("index ", kIndexVersion, " ", Origin(spec, root));
  for (const std::string& path : AnnotationPaths(spec.format(), root)) {
    struct stat info;
    absl::StrAppend(&key, "\n", path);
    if (stat(absl::StrCat(root, "/", path).c_str(), &info) == 0) {
      absl::StrAppend(&key, " ", info.st_ino, " ", info.st_size, " ",
                      info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
    }
  }
  return key;
}

Rle IndexView::MaskOf(const IndexedRecord& record) const {
  return MaskIn(record, runs, owner);
}

Rle IndexView::MaskOf(const IndexedObject& object) const {
  return MaskIn(object, runs, owner);
}

Rle IndexView::MaskOf(const IndexedMask& mask) const {
  return MaskIn(mask, runs, owner);
}

absl::StatusOr<IndexView> ParseIndex(
    std::shared_ptr<const absl::string_view> file, absl::string_view name) {
  const absl::string_view bytes = *file;
  const absl::Status damaged =
      absl::DataLossError(absl::StrCat(name, " is damaged"));
  if (bytes.size() < kHeaderBytes || !absl::StartsWith(bytes, kMagic) ||
      Number(bytes, kMagic.size()) !=
          Crc32c(bytes.substr(kMagic.size() + sizeof(uint32_t)))) {
    return damaged;
  }
  const size_t run_count = Number(bytes, kHeaderBytes - sizeof(uint32_t));
  if (run_count > (bytes.size() - kHeaderBytes) / sizeof(uint32_t)) {
    return damaged;
  }
  const absl::string_view message =
      bytes.substr(kHeaderBytes + sizeof(uint32_t) * run_count);
  IndexView view;
  if (!view.index.ParseFromArray(message.data(),
                                 static_cast<int>(message.size()))) {
    return damaged;
  }
  view.runs = {reinterpret_cast<const uint32_t*>(bytes.data() + kHeaderBytes),
               run_count};
  view.owner = std::move(file);
  for (const IndexedRecord& record : view.index.record()) {
    if (!HasMask(record, view.runs) ||
        (record.has_ignored() && !HasMask(record.ignored(), view.runs)) ||
        !std::all_of(record.other().begin(), record.other().end(),
                     [&](const IndexedObject& other) {
                       return HasMask(other, view.runs);
                     })) {
      return damaged;
    }
  }
  return view;
}

absl::StatusOr<IndexView> ReadCachedSplit(const std::string& cache_dir,
                                          const FoundDataset& spec,
                                          const std::string& root,
                                          absl::string_view split,
                                          absl::string_view key) {
  const std::string path = CachePath(cache_dir, spec, root, split);
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<const absl::string_view> file,
                            MapFile(path));
  TRANSECT_ASSIGN_OR_RETURN(IndexView view, ParseIndex(std::move(file), path));
  if (view.index.key() != std::string(key)) {
    return absl::NotFoundError(absl::StrCat(path, " is out of date"));
  }
  if (const int64_t changed = FirstChangedRecord(root, view.index.record());
      changed >= 0) {
    return absl::NotFoundError(
        absl::StrCat(path, " is out of date: ",
                     view.index.record(static_cast<int>(changed)).image(),
                     " or its mask is another file now"));
  }
  return view;
}

std::array<IndexedSplit, kSplitNames.size()> SplitIndex(Annotations all,
                                                        absl::string_view key,
                                                        bool images_decoded) {
  std::array<IndexedSplit, kSplitNames.size()> splits;
  for (size_t i = 0; i < splits.size(); ++i) {
    splits[i].set_key(std::string(key));
    splits[i].set_images_decoded(images_decoded);
    splits[i].mutable_record()->Reserve(static_cast<int>(all.split[i].size()));
    for (IndexedRecord& record : all.split[i]) {
      *splits[i].add_record() = std::move(record);
    }
    all.split[i] = {};
  }
  return splits;
}

std::string SerializeIndex(IndexedSplit* index) {
  std::string file;
  // The message shrinks by the run lengths and grows by two numbers for each.
  file.reserve(kHeaderBytes + index->ByteSizeLong() +
               size_t{32} * index->record_size());
  file.append(kMagic.data(), kMagic.size());
  file.append(2 * sizeof(uint32_t), '\0');
  int64_t count = 0;
  for (IndexedRecord& record : *index->mutable_record()) {
    TakeRuns(&record, &file, &count);
    if (record.has_ignored()) {
      TakeRuns(record.mutable_ignored(), &file, &count);
    }
    for (IndexedObject& other : *record.mutable_other()) {
      TakeRuns(&other, &file, &count);
    }
  }
  index->AppendToString(&file);
  const auto* const words =
      reinterpret_cast<const uint32_t*>(file.data() + kHeaderBytes);
  for (IndexedRecord& record : *index->mutable_record()) {
    GiveBackRuns(words, &record);
    if (record.has_ignored()) {
      GiveBackRuns(words, record.mutable_ignored());
    }
    for (IndexedObject& other : *record.mutable_other()) {
      GiveBackRuns(words, &other);
    }
  }
  SetNumber(static_cast<uint32_t>(count), kHeaderBytes - sizeof(uint32_t),
            &file);
  const uint32_t crc =
      Crc32c(absl::string_view(file).substr(kMagic.size() + sizeof(uint32_t)));
  SetNumber(crc, kMagic.size(), &file);
  return file;
}

absl::Status WriteCachedSplit(const std::string& cache_dir,
                              const FoundDataset& spec, const std::string& root,
                              absl::string_view split, IndexedSplit* index) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(cache_dir));
  return WriteFileAtomic(CachePath(cache_dir, spec, root, split),
                         SerializeIndex(index));
}

}  // namespace transect
