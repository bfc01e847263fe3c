#include "data/index/record_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace transect {
namespace {

// Mixes `value` into `state`: SplitMix64's finalizer.
uint64_t MixedWith(uint64_t state, uint64_t value) {
  state = (state ^ value) + 0x9E3779B97F4A7C15u;
  state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9u;
  state = (state ^ state >> 27) * 0x94D049BB133111EBu;
  return state ^ state >> 31;
}

}  // namespace

RecordFiles::RecordFiles(const std::string& root)
    : descriptor_(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

RecordFiles::~RecordFiles() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

uint64_t RecordFiles::StateOf(const IndexedRecord& record) const {
  uint64_t state = 0;
  for (const std::string* path : {&record.image(), &record.mask_file()}) {
    struct stat info;
    if (path->empty() || fstatat(descriptor_, path->c_str(), &info, 0) != 0) {
      continue;
    }
    state = MixedWith(state, info.st_ino);
    state = MixedWith(state, static_cast<uint64_t>(info.st_size));
    state = MixedWith(state, static_cast<uint64_t>(info.st_mtim.tv_sec));
    state = MixedWith(state, static_cast<uint64_t>(info.st_mtim.tv_nsec));
  }
  return state;
}

int64_t FirstChangedRecord(
    const std::string& root,
    const google::protobuf::RepeatedPtrField<IndexedRecord>& records) {
  const RecordFiles files(root);
  std::atomic<int64_t> first{records.size()};
  ForEachInParallel(
      records.size(),
      [&](int64_t i) {
        const IndexedRecord& record = records[static_cast<int>(i)];
        // Of those after a change no more needs to be known.
        if (i > first || files.StateOf(record) == record.files()) {
          return;
        }
        int64_t before = first;
        while (i < before && !first.compare_exchange_weak(before, i)) {
        }
      },
      nullptr);
  return first < records.size() ? first.load() : -1;
}

void ForEachInParallel(
    int64_t count, const std::function<void(int64_t)>& work,
    const std::function<void(int64_t done, int64_t total)>& progress) {
  std::atomic<int64_t> next{0};
  const auto take = [&](bool tells) {
    for (int64_t i = next++; i < count; i = next++) {
      work(i);
      if (tells && progress && i % 256 == 0) {
        progress(i, count);
      }
    }
  };
  const int64_t threads = std::min<int64_t>(
      std::max(1u, std::thread::hardware_concurrency()), count / 64 + 1);
  std::vector<std::thread> helpers;
  for (int64_t i = 1; i < threads; ++i) {
    helpers.emplace_back(take, false);
  }
  take(true);
  for (std::thread& helper : helpers) {
    helper.join();
  }
  if (progress) {
    progress(count, count);
  }
}

}  // namespace transect
